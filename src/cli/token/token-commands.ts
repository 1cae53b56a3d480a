import { err, ok, type Result } from '../../shared/result.ts'
import { agoText } from '../ago.ts'
import type { CommandContext } from '../context.ts'
import type { Client } from '../daemon/client.ts'
import { done, field, withDaemon, type RemoteFlags } from '../daemon/command.ts'
import type { Failure } from '../failure.ts'
import { tableText } from '../table.ts'
import { findUser } from '../user/find-user.ts'

export interface CreateFlags extends RemoteFlags {
  readonly scope: readonly string[]
  readonly expiresAt?: string
  readonly description?: string
  readonly user?: string
}

/** `sluice token create NAME`: an access token, printed this once. */
export function tokenCreate(name: string, flags: CreateFlags, context: CommandContext): Promise<number> {
  return withDaemon(flags, context, async (client) => {
    const path = await ownerPath(client, flags.user)
    if (!path.ok) return path
    const { expiresAt, description } = flags
    const made = await client.call(path.value, {
      method: 'POST',
      body: {
        name,
        scopes: flags.scope.length === 0 ? ['api'] : flags.scope,
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
        ...(description === undefined ? {} : { description }),
      },
    })
    if (!made.ok) return made
    context.err(flags.json ? '' : `access token ${field(made.value.body, 'id')}, shown this once:\n`)
    return done(context, flags, { schema: 1, token: made.value.body }, `${field(made.value.body, 'token')}\n`)
  })
}

async function ownerPath(client: Client, username: string | undefined): Promise<Result<string, Failure>> {
  if (username === undefined) return ok('/user/personal_access_tokens')
  const user = await findUser(client, username)
  return user.ok ? ok(`/users/${field(user.value, 'id')}/personal_access_tokens`) : user
}

export interface ListFlags extends RemoteFlags {
  readonly all: boolean
}

/** `sluice token list`: those that work; with `--all` the others, too. */
export function tokenList(flags: ListFlags, context: CommandContext): Promise<number> {
  return withDaemon(flags, context, async (client) => {
    const list = await client.list('/personal_access_tokens')
    if (!list.ok) return list
    const users = await client.list('/users')
    if (!users.ok) return users
    const names = new Map(users.value.map((user) => [field(user, 'id'), field(user, 'username')]))
    const tokens = list.value.filter((token) => flags.all || field(token, 'active') === 'true')
    const rows = tokens.map((token) => [
      field(token, 'id'),
      field(token, 'name'),
      names.get(field(token, 'user_id')) ?? field(token, 'user_id'),
      field(token, 'scopes').replaceAll(',', ', '),
      agoText(field(token, 'created_at')),
      agoText(field(token, 'last_used_at')) || 'never',
      field(token, 'expires_at'),
      field(token, 'revoked') === 'true' ? 'revoked' : field(token, 'active') === 'true' ? '' : 'expired',
    ])
    const headings = ['ID', 'NAME', 'USER', 'SCOPES', 'MADE', 'LAST USED', 'EXPIRES', 'STATE']
    const text = rows.length === 0 ? 'no tokens\n' : tableText(headings, rows)
    return done(context, flags, { schema: 1, tokens }, text)
  })
}

/** `sluice token revoke ID` */
export function tokenRevoke(id: number, flags: RemoteFlags, context: CommandContext): Promise<number> {
  return withDaemon(flags, context, async (client) => {
    const gone = await client.call(`/personal_access_tokens/${id}`, { method: 'DELETE' })
    return gone.ok
      ? done(context, flags, { schema: 1, revoked: id }, `access token ${id} is revoked\n`)
      : err(gone.error)
  })
}
