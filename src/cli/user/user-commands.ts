import type { Role } from '../../model/user.ts'
import type { CommandContext } from '../context.ts'
import { done, field, withDaemon, withProject, type RemoteFlags } from '../daemon/command.ts'
import { tableText } from '../table.ts'
import { terminalText } from '../terminal-text.ts'
import { findUser } from './find-user.ts'

export interface CreateFlags extends RemoteFlags {
  readonly name?: string
  readonly email?: string
}

/** `sluice user create USERNAME` */
export function userCreate(username: string, flags: CreateFlags, context: CommandContext): Promise<number> {
  return withDaemon(flags, context, async (client) => {
    const made = await client.call('/users', {
      method: 'POST',
      body: { username, name: flags.name ?? username, email: flags.email ?? '' },
    })
    if (!made.ok) return made
    const text = `user ${field(made.value.body, 'id')}: ${username}; give a role: sluice user grant ${username} developer\n`
    return done(context, flags, { schema: 1, user: made.value.body }, text)
  })
}

/** GitLab's numbers of the roles that there are here. */
const LEVELS: Readonly<Record<Role, number>> = { developer: 30, maintainer: 40, owner: 50 }

function roleOf(member: unknown): string {
  const level = Number(field(member, 'access_level'))
  return Object.entries(LEVELS).find(([, number]) => number === level)?.[0] ?? String(level)
}

/** `sluice user list`: all users; with `--project` those who have a role in it. */
export function userList(flags: RemoteFlags, context: CommandContext): Promise<number> {
  if (flags.project !== undefined) return memberList(flags, context)
  return withDaemon(flags, context, async (client) => {
    const list = await client.list('/users')
    if (!list.ok) return list
    const rows = list.value.map((user) => [...names(user), field(user, 'state')])
    return done(
      context,
      flags,
      { schema: 1, users: list.value },
      tableText(['ID', 'USERNAME', 'NAME', 'STATE'], rows),
    )
  })
}

function memberList(flags: RemoteFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const list = await client.list(`${base}/members/all`)
    if (!list.ok) return list
    const rows = list.value.map((user) => [...names(user), roleOf(user), field(user, 'state')])
    const text = tableText(['ID', 'USERNAME', 'NAME', 'ROLE', 'STATE'], rows)
    return done(context, flags, { schema: 1, members: list.value }, text)
  })
}

function names(user: unknown): string[] {
  return [field(user, 'id'), field(user, 'username'), terminalText(field(user, 'name'), false)]
}

/** `sluice user block USER`, and `unblock` */
export function userBlock(
  wanted: string,
  blocked: boolean,
  flags: RemoteFlags,
  context: CommandContext,
): Promise<number> {
  return withDaemon(flags, context, async (client) => {
    const user = await findUser(client, wanted)
    if (!user.ok) return user
    const verb = blocked ? 'block' : 'unblock'
    const answer = await client.call(`/users/${field(user.value, 'id')}/${verb}`, { method: 'POST' })
    if (!answer.ok) return answer
    const username = field(user.value, 'username')
    return done(context, flags, { schema: 1, username, blocked }, `${username} is ${verb}ed\n`)
  })
}

/** `sluice user grant USER ROLE` */
export function userGrant(
  wanted: string,
  role: Role,
  flags: RemoteFlags,
  context: CommandContext,
): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const user = await findUser(client, wanted)
    if (!user.ok) return user
    const body = { user_id: Number(field(user.value, 'id')), access_level: LEVELS[role] }
    const added = await client.call(`${base}/members`, { method: 'POST', body })
    // GitLab: a member is changed, not added again.
    const isMember = !added.ok && added.error.status === 409
    const granted = isMember
      ? await client.call(`${base}/members/${body.user_id}`, { method: 'PUT', body })
      : added
    if (!granted.ok) return granted
    const text = `${field(user.value, 'username')} is ${role} now\n`
    return done(context, flags, { schema: 1, member: granted.value.body, role }, text)
  })
}

/** `sluice user revoke USER`: takes the role away. */
export function userRevoke(wanted: string, flags: RemoteFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const user = await findUser(client, wanted)
    if (!user.ok) return user
    const gone = await client.call(`${base}/members/${field(user.value, 'id')}`, { method: 'DELETE' })
    const username = field(user.value, 'username')
    return gone.ok
      ? done(context, flags, { schema: 1, revoked: username }, `${username} has no role any more\n`)
      : gone
  })
}
