// A year of schedules on a clock that is turned by quarters of an hour, from New Year to New Year. What they must give was recorded
// from fugit, and is asked of the fugit of this machine where there is one.
import { describe, expect, it } from 'vitest'
import type { ScheduleInput } from '../../../src/pipeline/registry/schedule-input.ts'
import { makeSchedulerTick } from '../../../src/sources/scheduler/scheduler.ts'
import { askRuby, hasRuby } from '../../oracles/ruby.ts'
import { gapsOf, recordedYears, seconds, type Year } from '../../shared/cron-fixtures.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'

const FROM = '2026-01-01T00:00Z'
const QUARTER = 900_000
const QUARTERS = 365 * 96

/** Each zone has a time that is left out and one that comes twice in this year, but for Kathmandu, where no clock changes. */
const zones: readonly (readonly [zone: string, crons: readonly string[]])[] = [
  ['Europe/Berlin', ['30 2 * * *', '*/15 1-3 * * sun', '0 4 L * *']],
  ['America/New_York', ['30 2 * * *', '30 1 * * *']],
  // Half an hour from the others, and a change by half an hour.
  ['Australia/Lord_Howe', ['15 2 * * *', '45 1 * * *']],
  ['Australia/Adelaide', ['30 2 * * *', '0 3 * * *']],
  ['America/St_Johns', ['30 2 * * *', '30 1 * * *']],
  // The clocks change at midnight, so that a day begins at one o'clock or has its last hour twice.
  ['America/Santiago', ['0 0 * * *', '30 0 * * *', '30 23 * * *']],
  ['Africa/Cairo', ['30 0 * * *', '30 23 * * *']],
  ['Asia/Kathmandu', ['30 2 * * *', '0 9 * * fri#2']],
]

/** Nobody takes the jobs, and none need be there for a pipeline to be counted. */
const FILE = 'build:\n  script: make\n  when: manual\n  allow_failure: false\n'

const input: Omit<ScheduleInput, 'cron' | 'timezone'> = {
  description: 'all year',
  ref: 'main',
  active: true,
  inputs: {},
  missed: 'once',
}

function recorded(zone: string, cron: string): Year {
  const year = recordedYears.find((each) => each.zone === zone && each.cron === cron && each.from === FROM)
  if (!year) throw new Error(`nothing is recorded of ${cron} in ${zone}`)
  return year
}

/** The schedules of a zone, each with the seconds at which its pipelines were made. */
async function playYear(zone: string, crons: readonly string[]): Promise<Map<string, number[]>> {
  const made = testEngine(FILE)
  const { engine, clock } = made
  const tick = makeSchedulerTick({ ...made, isServed: () => true, mostMissed: () => 10, notice: fail })
  clock.advance(seconds(FROM) * 1000 - clock.now())
  const ids = new Map<number, string>()
  for (const cron of crons) {
    const schedule = await engine.schedules.create(9, { ...input, cron, timezone: zone }, 1)
    if (!schedule.ok) throw new Error(JSON.stringify(schedule.error))
    ids.set(schedule.value.id, cron)
  }
  for (let quarter = 0; quarter < QUARTERS; quarter++) {
    clock.advance(QUARTER)
    await tick()
  }
  return runsOf(made, ids)
}

function fail(text: string): void {
  throw new Error(text)
}

function runsOf({ store }: TestEngine, ids: ReadonlyMap<number, string>): Map<string, number[]> {
  const runs = new Map([...ids.values()].map((cron): [string, number[]] => [cron, []]))
  for (const { scheduleId, createdAt } of store.pipelines.newest(9, 100_000).toReversed())
    runs.get(ids.get(scheduleId ?? 0) ?? '')?.push(createdAt / 1000)
  return runs
}

describe('a year of schedules', () => {
  it.each(zones)('in %s makes the pipelines of the recorded instants', async (zone, crons) => {
    const played = await playYear(zone, crons)
    for (const cron of crons) {
      const year = recorded(zone, cron)
      const runs = played.get(cron) ?? []
      expect([cron, runs.length, gapsOf(seconds(FROM), runs)]).toEqual([cron, year.runs, year.gaps])
    }
  })

  it.runIf(hasRuby('fugit'))('is what this machine’s fugit says', { timeout: 60_000 }, () => {
    const years = zones.flatMap(([zone, crons]) => crons.map((cron) => recorded(zone, cron)))
    // One more than the year has: it must lie behind its end.
    const asked = years.map(({ cron, zone, runs }) => [cron, zone, seconds(FROM), runs + 1])
    const answers = askRuby('fugit.rb', asked) as number[][]
    const end = seconds(FROM) + (QUARTERS * QUARTER) / 1000
    const gaps = answers.map((runs) =>
      gapsOf(
        seconds(FROM),
        runs.filter((run) => run <= end),
      ),
    )
    expect(gaps).toEqual(years.map((year) => year.gaps))
  })
})
