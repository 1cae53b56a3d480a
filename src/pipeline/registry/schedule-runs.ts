import { parseCron } from '../../shared/cron/parse.ts'
import { nextRun } from '../../shared/cron/next-run.ts'
import { resolveTimeZone } from '../../shared/cron/time-zones.ts'

/** The first instant after another, in milliseconds since the epoch; null when none comes within some decades. */
export type NextRun = (after: number) => number | null

/** What the instants of a schedule come from. */
export interface Timing {
  readonly cron: string
  readonly timezone: string
}

/** The instants of an expression in its zone; none of one that cannot be read. */
export function runsOf({ cron, timezone }: Timing): NextRun {
  const parsed = parseCron(cron)
  const zone = resolveTimeZone(timezone)
  return parsed.ok && zone !== undefined ? (after) => nextRun(parsed.value, zone, after) : () => null
}

/** Milliseconds since the epoch; null for what cannot be read or never comes. */
export function nextRunOf(timing: Timing, after: number): number | null {
  return runsOf(timing)(after)
}
