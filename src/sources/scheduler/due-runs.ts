import type { Schedule } from '../../model/schedule.ts'
import { runsOf, type NextRun } from '../../pipeline/registry/schedule-runs.ts'
import type { PlannedRuns } from '../../pipeline/registry/schedules.ts'

/** A run that begins this much after its instant is on time: the tick comes once a minute. */
const ON_TIME_MS = 120_000
/** Counting missed instants ends here. */
const MOST_COUNTED = 10_000

const HOUR = 3_600_000
/** How far back the newest instant is looked for, step by step. */
const WINDOWS = [HOUR, 24 * HOUR, 31 * 24 * HOUR, 366 * 24 * HOUR, Infinity]

/**
 * What a schedule that is due is to do, by its policy for what was missed: `once` gives one pipeline for all instants that
 * passed, `all` one for each of the newest `mostMissed`, `skip` none but for an instant that is on time. Times in milliseconds
 * since the epoch.
 */
export function dueRuns(schedule: Schedule, now: number, mostMissed: number): PlannedRuns {
  const nextRun = runsOf(schedule)
  const due = schedule.nextRunAt ?? now
  const passed = newestRuns(nextRun, due, now, schedule.missed === 'all' ? mostMissed : 1)
  const last = passed.at(-1) ?? due
  const instants = schedule.missed === 'skip' && now - last > ON_TIME_MS ? [] : passed
  const count = Math.max(countRuns(nextRun, due, now), instants.length)
  return { instants, last, next: nextRun(now), missed: count - instants.length }
}

function countRuns(nextRun: NextRun, due: number, now: number): number {
  let count = 1
  for (let at = nextRun(due); at !== null && at <= now && count < MOST_COUNTED; at = nextRun(at)) count++
  return count
}

/** The newest instants from `due` to `now`, oldest first, without walking through all that lie before them. */
function newestRuns(nextRun: NextRun, due: number, now: number, most: number): number[] {
  for (const window of WINDOWS) {
    const isWhole = now - window <= due
    const runs: number[] = []
    for (let at = isWhole ? due : nextRun(now - window); at !== null && at <= now; at = nextRun(at)) {
      runs.push(at)
      if (runs.length > most) runs.shift()
    }
    if (runs.length === most || isWhole) return runs
  }
  return []
}
