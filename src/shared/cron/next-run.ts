import type { Cron } from './cron.ts'
import { dayMatches, startOfNextMonth } from './day-match.ts'
import { openZone, type LocalTime, type Zone } from './zone.ts'

const HOUR = 3600
const DAY = 86_400
/** fugit gives up after as many steps; GitLab then has no next run. One that finds seldom needs 200. */
const MOST_STEPS = 2048

/**
 * The first run after `after` (milliseconds since 1970, as the answer), by the clock of `timeZone`, a name that
 * `resolveTimeZone` gave. Null when there is none within some decades.
 *
 * GitLab: fugit's `next_time` from a time in UTC. A time of day that the clock leaves out is no run; one that it shows
 * twice is two runs.
 */
export function nextRun(cron: Cron, timeZone: string, after: number): number | null {
  const zone = openZone(timeZone)
  let from = Math.floor(after / 1000)
  let fromWall = from
  let fromOffset = zone.offset(from)
  let at = from
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const now = zone.local(at)
    const later = at === from ? at + 1 : laterThan(cron, zone, now)
    if (later !== undefined) {
      at = later
    } else if (at + now.offset === fromWall && now.offset !== fromOffset) {
      // fugit takes a wall clock that shows what `after` showed (in UTC) under another offset for the same time again.
      ;[from, fromWall, fromOffset] = [at, at + now.offset, now.offset]
    } else {
      return at * 1000
    }
  }
  return null
}

/** The next `count` runs; fewer when there are no more. */
export function nextRuns(cron: Cron, timeZone: string, after: number, count: number): number[] {
  const runs: number[] = []
  let last: number | null = after
  while (runs.length < count) {
    last = nextRun(cron, timeZone, last)
    if (last === null) break
    runs.push(last)
  }
  return runs
}

/** Where to look next, when the expression does not name `now`; undefined when it does. */
function laterThan(cron: Cron, zone: Zone, now: LocalTime): number | undefined {
  if (cron.months !== null && !cron.months.includes(now.month)) return startOfNextMonth(zone, now)
  if (!dayMatches(cron, zone, now)) return startOfNextDay(zone, now)
  if (cron.hours !== null && !cron.hours.includes(now.hour))
    return now.at + HOUR - now.minute * 60 - now.second
  if (cron.minutes !== null && !cron.minutes.includes(now.minute)) return now.at + 60 - now.second
  if (cron.seconds !== null && !cron.seconds.includes(now.second)) return nextSecond(cron.seconds, now)
  return undefined
}

/**
 * The next midnight. Hours are counted, not shown ones, as fugit does: after a day without a midnight the day is left
 * out, and after a change by half an hour its first half hour.
 */
function startOfNextDay(zone: Zone, now: LocalTime): number {
  const at = now.at + DAY - now.hour * HOUR - now.minute * 60 - now.second
  const there = zone.local(at)
  if (there.hour === 0) return at
  const midnight = there.hour < 12 ? zone.instant(there.year, there.month, there.day, 0) : undefined
  return midnight ?? at + DAY - there.hour * HOUR
}

function nextSecond(seconds: readonly number[], now: LocalTime): number {
  const next = seconds.find((second) => second > now.second) ?? 60 + (seconds[0] ?? 0)
  return now.at + next - now.second
}
