import { nextRuns } from '../../shared/cron/next-run.ts'
import { parseCron } from '../../shared/cron/parse.ts'
import { resolveTimeZone } from '../../shared/cron/time-zones.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-code.ts'
import { renderFailure, usageFailure } from '../failure.ts'

export interface NextFlags {
  readonly timezone: string
  readonly count: number
  readonly json: boolean
}

/** `sluice schedule next CRON`: when a schedule would run, by GitLab's grammar. Needs no daemon. */
export function scheduleNextCommand(
  cron: string,
  { timezone, count, json }: NextFlags,
  context: CommandContext,
  now = Date.now(),
): number {
  const parsed = parseCron(cron)
  const zone = resolveTimeZone(timezone)
  if (!parsed.ok) {
    const { message, at } = parsed.error
    const pointer = `  ${cron}\n  ${' '.repeat(at)}^ ${message}`
    context.err(renderFailure(usageFailure('schedule.cron', `Cron is invalid syntax`, pointer.trim())))
    return EXIT.usage
  }
  if (zone === undefined) {
    const help = "an IANA name such as Europe/Berlin, or one of GitLab's form such as Berlin"
    context.err(
      renderFailure(
        usageFailure('schedule.timezone', `Cron timezone is invalid syntax: "${timezone}"`, help),
      ),
    )
    return EXIT.usage
  }
  const next = nextRuns(parsed.value, zone, now, count)
  const iso = next.map((at) => new Date(at).toISOString())
  context.out(
    json ? `${JSON.stringify({ schema: 1, cron, timezone, next: iso })}\n` : asText(next, zone, now),
  )
  return EXIT.success
}

function asText(next: readonly number[], zone: string, now: number): string {
  if (next.length === 0) return 'never\n'
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  })
  return next
    .map((at) => `${wall.format(at)}   ${new Date(at).toISOString()}   ${inText(at - now)}\n`)
    .join('')
}

function inText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  if (days > 0) return `in ${days}d ${hours}h`
  return hours > 0 ? `in ${hours}h ${minutes % 60}m` : `in ${minutes}m`
}
