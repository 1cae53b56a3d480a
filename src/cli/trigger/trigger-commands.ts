import { shortToken } from '../../model/trigger.ts'
import { agoText } from '../ago.ts'
import type { CommandContext } from '../context.ts'
import { done, field, withProject, type RemoteFlags } from '../daemon/command.ts'
import { tableText } from '../table.ts'
import { terminalText } from '../terminal-text.ts'

export interface CreateFlags extends RemoteFlags {
  readonly description: string
  readonly expiresAt?: string
  readonly owner?: string
  readonly allowRef: readonly string[]
}

/** `sluice trigger create`: the token is printed now and, for its owner, by `--show-tokens` later. */
export function triggerCreate(flags: CreateFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const { description, expiresAt, owner, allowRef } = flags
    const made = await client.call(`${base}/triggers`, {
      method: 'POST',
      // The API's way to speak as somebody else, for whoever owns the machine.
      query: { sudo: owner },
      body: {
        description,
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
        ...(allowRef.length === 0 ? {} : { allowed_refs: allowRef }),
      },
    })
    if (!made.ok) return made
    const [id, token] = [field(made.value.body, 'id'), field(made.value.body, 'token')]
    context.err(
      flags.json ? '' : `trigger ${id} of ${field(made.value.body, 'owner', 'username')}; its token:\n`,
    )
    return done(context, flags, { schema: 1, trigger: made.value.body }, `${token}\n`)
  })
}

export interface ListFlags extends RemoteFlags {
  readonly showTokens: boolean
}

/** `sluice trigger list` */
export function triggerList(flags: ListFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const list = await client.list(`${base}/triggers`)
    if (!list.ok) return list
    const triggers = flags.showTokens ? list.value : list.value.map(withShortToken)
    const rows = triggers.map((trigger) => [
      field(trigger, 'id'),
      field(trigger, 'token'),
      terminalText(field(trigger, 'description'), false),
      ownerText(trigger),
      agoText(field(trigger, 'last_used')) || 'never',
      field(trigger, 'expires_at').slice(0, 10),
      field(trigger, 'declared_at'),
    ])
    const headings = ['ID', 'TOKEN', 'DESCRIPTION', 'OWNER', 'LAST USED', 'EXPIRES', 'DECLARED']
    const text =
      rows.length === 0
        ? 'no triggers; make one: sluice trigger create --description "release bot"\n'
        : tableText(headings, rows)
    return done(context, flags, { schema: 1, triggers }, text)
  })
}

/** The API shows an owner the whole token; a terminal is looked at by others, too. */
function withShortToken(trigger: unknown): unknown {
  const token = field(trigger, 'token')
  return { ...Object(trigger), token: token.includes('glptt-') ? shortToken(token) : token.slice(0, 4) }
}

function ownerText(trigger: unknown): string {
  const owner = field(trigger, 'owner', 'username')
  return owner === '' ? 'none (legacy)' : owner
}

/** `sluice trigger revoke ID` */
export function triggerRevoke(id: number, flags: RemoteFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const gone = await client.call(`${base}/triggers/${id}`, { method: 'DELETE' })
    return gone.ok ? done(context, flags, { schema: 1, revoked: id }, `trigger ${id} is revoked\n`) : gone
  })
}
