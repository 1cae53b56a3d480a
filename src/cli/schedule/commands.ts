import type { Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import { done, field, withProject, type RemoteFlags } from '../daemon/command.ts'
import type { Failure } from '../failure.ts'
import { tableText } from '../table.ts'

export interface CreateFlags extends RemoteFlags {
  readonly ref: string
  readonly description: string
  readonly timezone: string
  readonly inactive: boolean
  readonly missed: string
  readonly variable: Readonly<Record<string, string>>
}

/** `sluice schedule list` */
export function scheduleList(flags: RemoteFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const list = await client.list(`${base}/pipeline_schedules`)
    if (!list.ok) return list
    const rows = list.value.map((schedule) => [
      field(schedule, 'id'),
      field(schedule, 'description'),
      field(schedule, 'cron'),
      field(schedule, 'cron_timezone'),
      field(schedule, 'ref').replace(/^refs\/(heads|tags)\//, ''),
      field(schedule, 'active') === 'true' ? field(schedule, 'next_run_at') : 'paused',
      field(schedule, 'owner', 'username'),
      field(schedule, 'missed_runs').replace(/^0$/, ''),
      field(schedule, 'last_error'),
    ])
    const text =
      rows.length === 0
        ? 'no schedules; make one: sluice schedule create "0 4 * * *" --ref main --description nightly\n'
        : tableText(
            ['ID', 'DESCRIPTION', 'CRON', 'ZONE', 'REF', 'NEXT RUN', 'OWNER', 'MISSED', 'LAST ERROR'],
            rows,
          )
    return done(context, flags, { schema: 1, schedules: list.value }, text)
  })
}

/** `sluice schedule create CRON` */
export function scheduleCreate(cron: string, flags: CreateFlags, context: CommandContext): Promise<number> {
  return withProject(flags, context, async (client, base) => {
    const made = await client.call(`${base}/pipeline_schedules`, {
      method: 'POST',
      body: {
        description: flags.description,
        ref: flags.ref,
        cron,
        cron_timezone: flags.timezone,
        active: !flags.inactive,
        missed: flags.missed,
      },
    })
    if (!made.ok) return made
    const id = field(made.value.body, 'id')
    const path = `${base}/pipeline_schedules/${id}`
    for (const [key, value] of Object.entries(flags.variable)) {
      const set = await client.call(`${path}/variables`, { method: 'POST', body: { key, value } })
      if (set.ok) continue
      // Without its variables it would not be what was asked for.
      const removed = await client.call(path, { method: 'DELETE' })
      return removed.ok ? set : removed
    }
    const shown = await client.call(path)
    if (!shown.ok) return shown
    const next = field(shown.value.body, 'next_run_at')
    const when = flags.inactive ? 'paused' : `next run ${next === '' ? 'never' : next}`
    return done(context, flags, { schema: 1, schedule: shown.value.body }, `schedule ${id}, ${when}\n`)
  })
}

/** `sluice schedule run ID` */
export function scheduleRun(id: number, flags: RemoteFlags, context: CommandContext): Promise<number> {
  const value = { schema: 1, played: id }
  return change(id, flags, context, {
    method: 'POST',
    path: '/play',
    value,
    text: `schedule ${id} runs now\n`,
  })
}

/** `sluice schedule pause ID`, and `resume` */
export function scheduleActivate(
  id: number,
  active: boolean,
  flags: RemoteFlags,
  context: CommandContext,
): Promise<number> {
  const text = `schedule ${id} is ${active ? 'active' : 'paused'}\n`
  return change(id, flags, context, { method: 'PUT', path: '', body: { active }, text })
}

/** `sluice schedule delete ID` */
export function scheduleDelete(id: number, flags: RemoteFlags, context: CommandContext): Promise<number> {
  const value = { schema: 1, deleted: id }
  return change(id, flags, context, {
    method: 'DELETE',
    path: '',
    value,
    text: `schedule ${id} is deleted\n`,
  })
}

interface Change {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** What `--json` prints; default: the schedule as it is then. */
  readonly value?: unknown
  readonly text: string
}

function change(
  id: number,
  flags: RemoteFlags,
  context: CommandContext,
  { method, path, body, value, text }: Change,
): Promise<number> {
  return withProject(flags, context, async (client, base): Promise<Result<number, Failure>> => {
    const answer = await client.call(`${base}/pipeline_schedules/${id}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    })
    if (!answer.ok) return answer
    return done(context, flags, value ?? { schema: 1, schedule: answer.value.body }, text)
  })
}
