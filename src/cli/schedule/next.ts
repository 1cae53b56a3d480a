import type { CronProblem } from '../../shared/cron/cron.ts'
import { nextRuns } from '../../shared/cron/next-run.ts'
import { parseCron } from '../../shared/cron/parse.ts'
import { nearTimeZone, resolveTimeZone } from '../../shared/cron/time-zones.ts'
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
    context.err(
      renderFailure(usageFailure('schedule.cron', `Cron is invalid syntax`, pointer(cron, parsed.error))),
    )
    return EXIT.usage
  }
  if (zone === undefined) {
    const near = nearTimeZone(timezone)
    const help =
      near === undefined
        ? "an IANA name such as Europe/Berlin, or one of GitLab's form such as Berlin"
        : `did you mean "${near}"?`
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

/** The expression, and below it a caret under the character that is wrong. */
function pointer(cron: string, { message, at }: CronProblem): string {
  const shown = cron.replaceAll('\t', '→').replaceAll(/\p{Cc}/gu, pictureOf)
  const indent = shown.slice(0, at).replaceAll(TWO_COLUMNS, '  ').replaceAll(/[^]/gu, ' ')
  return `${shown}\n  ${indent}^ ${message}`
}

/** `␊` for a line feed: what moves a terminal's cursor would move the caret. */
function pictureOf(control: string): string {
  return control < ' ' ? String.fromCharCode(0x2400 + control.charCodeAt(0)) : '·'
}

/** Characters that a terminal shows in two columns. */
const TWO_COLUMNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\p{Emoji_Presentation}]/gu

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
