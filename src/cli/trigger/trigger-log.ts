import { agoText } from '../ago.ts'
import type { CommandContext } from '../context.ts'
import type { Client } from '../daemon/client.ts'
import { done, field, withProject, type RemoteFlags } from '../daemon/command.ts'
import { firstOf, madeText } from '../pipeline/pipeline-commands.ts'
import { tableText } from '../table.ts'
import { terminalText } from '../terminal-text.ts'

export interface LogFlags extends RemoteFlags {
  readonly replay?: number
  readonly trigger?: number
  readonly only?: 'accepted' | 'refused'
  readonly limit: number
}

/** `sluice trigger log [ID]`: the requests that came to the trigger routes, with the true reason of a refusal. */
export function triggerLog(
  id: number | undefined,
  flags: LogFlags,
  context: CommandContext,
): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    if (flags.replay !== undefined) return replay(client, base, flags.replay, flags, context)
    if (id !== undefined) return one(client, base, id, flags, context)
    const requests = await firstOf(client, `${base}/trigger_requests`, flags.limit, {
      trigger_id: flags.trigger,
      state: flags.only,
    })
    if (!requests.ok) return requests
    const text =
      requests.value.length === 0 ? 'no requests yet\n' : tableText(HEADINGS, requests.value.map(rowOf))
    return done(context, flags, { schema: 1, requests: requests.value }, text)
  })
}

const HEADINGS = ['ID', 'WHEN', 'STATUS', 'TRIGGER', 'REF', 'FROM', 'FORM', 'PIPELINE', 'REASON']

function rowOf(request: unknown): string[] {
  const description = field(request, 'trigger', 'description')
  return [
    field(request, 'id'),
    agoText(field(request, 'received_at')),
    field(request, 'status'),
    description === '' ? field(request, 'short_token') : description,
    field(request, 'ref'),
    field(request, 'remote_address'),
    field(request, 'form'),
    field(request, 'pipeline', 'id'),
    field(request, 'reason'),
  ].map((cell) => terminalText(cell, false))
}

async function one(client: Client, base: string, id: number, flags: LogFlags, context: CommandContext) {
  const found = await client.call(`${base}/trigger_requests/${id}`)
  if (!found.ok) return found
  return done(context, flags, { schema: 1, request: found.value.body }, requestText(found.value.body))
}

/** Every fact on its own line; what does not apply is left out. */
function requestText(request: unknown): string {
  const facts = [
    'received_at',
    'remote_address',
    'user_agent',
    'form',
    'ref',
    'short_token',
    'status',
    'reason',
    'duration_ms',
  ]
  const variables =
    typeof request === 'object' && request !== null && 'variables' in request ? request.variables : []
  const keys = (Array.isArray(variables) ? (variables as unknown[]) : []).map((each) => field(each, 'key'))
  const rows = [
    ...facts.map((fact) => [fact, field(request, fact)] as const),
    ['trigger', field(request, 'trigger', 'description')] as const,
    ['variables', keys.join(', ')] as const,
    ['pipeline', field(request, 'pipeline', 'web_url')] as const,
    ['replay_of', field(request, 'replay_of')] as const,
  ].filter(([, value]) => value !== '')
  const width = Math.max(0, ...rows.map(([fact]) => fact.length))
  const lines = rows.map(([fact, value]) => `${fact.padEnd(width)}  ${terminalText(value, false)}\n`)
  const again =
    field(request, 'replayable') === 'true'
      ? `again: sluice trigger log --replay ${field(request, 'id')}\n`
      : ''
  return lines.join('') + again
}

async function replay(client: Client, base: string, id: number, flags: LogFlags, context: CommandContext) {
  const made = await client.call(`${base}/trigger_requests/${id}/replay`, { method: 'POST' })
  return made.ok
    ? done(context, flags, { schema: 1, pipeline: made.value.body }, madeText(made.value.body))
    : made
}
