import { describe, expect, it } from 'vitest'
import { nextRun, nextRuns } from '../../src/shared/cron/next-run.ts'
import {
  answer,
  cronOf,
  gapsOf,
  laterChanges,
  recordedRuns,
  recordedYears,
  seconds,
  written,
} from './cron-fixtures.ts'

function runs(cron: string, zone: string, after: string, count: number): string | null {
  return written(answer([cron, zone, seconds(after)], count))
}

describe('the next runs', () => {
  it.each(
    Object.entries(recordedRuns).flatMap(([zone, starts]) =>
      Object.entries(starts).map(([start, answers]) => ({ zone, start, answers })),
    ),
  )('in $zone after $start are fugit’s', ({ zone, start, answers }) => {
    const ours = Object.keys(answers).map((cron) => [cron, runs(cron, zone, start, 3)])
    expect(Object.fromEntries(ours)).toEqual(answers)
  })

  it('are recorded for 3,000 questions at least', () => {
    const starts = Object.values(recordedRuns).flatMap((zone) => Object.values(zone))
    expect(starts.reduce((sum, answers) => sum + Object.keys(answers).length, 0)).toBeGreaterThan(3000)
  })

  it.each(recordedYears)('of $cron in $zone are fugit’s for a year from $from', (year) => {
    const ours = answer([year.cron, year.zone, seconds(year.from)], year.runs)
    expect(Array.isArray(ours) && gapsOf(seconds(year.from), ours)).toBe(year.gaps)
  })

  it.each(
    laterChanges.flatMap(({ change, since, cases }) => cases.map((one) => ({ ...one, change, since }))),
  )('of $cron in $zone are GitLab’s: $change, since $since', ({ cron, zone, after, gitlab, oracle }) => {
    const ours = runs(cron, zone, after, 3)
    expect(ours).toBe(gitlab === 'ArgumentError' ? null : gitlab)
    expect(ours).not.toBe(oracle)
  })
})

describe('days of the month and of the week', () => {
  it('are joined by or', () => {
    expect(runs('0 0 13 * 5', 'UTC', '2026-11-22T00:00Z', 1)).toBe('2026-11-27T00:00Z')
  })

  it('count from the end of the month too', () => {
    expect(runs('0 0 L * *', 'UTC', '2028-02-01T00:00Z', 2)).toBe('2028-02-29T00:00Z 2028-03-31T00:00Z')
    expect(runs('0 0 -2 * *', 'UTC', '2026-02-01T00:00Z', 2)).toBe('2026-02-27T00:00Z 2026-03-30T00:00Z')
  })

  // 2019-01-01 begins week 1; 2026-11-22 is in week 412.
  it('take every other week from fugit’s own first week', () => {
    expect(runs('0 9 * * sun%2', 'UTC', '2026-11-22T00:00Z', 2)).toBe('2026-11-22T09:00Z 2026-12-06T09:00Z')
    expect(runs('0 9 * * sun%2+1', 'UTC', '2026-11-22T00:00Z', 2)).toBe('2026-11-29T09:00Z 2026-12-13T09:00Z')
  })

  it('know the nth weekday', () => {
    expect(runs('0 0 * * 1#2', 'UTC', '2026-11-22T00:00Z', 2)).toBe('2026-12-14T00:00Z 2027-01-11T00:00Z')
    expect(runs('0 0 * * fri#-1', 'UTC', '2026-11-22T00:00Z', 2)).toBe('2026-11-27T00:00Z 2026-12-25T00:00Z')
  })
})

describe('when the clock changes', () => {
  it.each([
    [
      'a time that does not exist is left out',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      '2026-03-30T00:30Z',
    ],
    [
      'a time that does not exist is left out',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      '2026-03-09T06:30Z',
    ],
    [
      'a time that exists twice is two runs',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      '2026-10-25T00:30Z 2026-10-25T01:30Z 2026-10-26T01:30Z',
    ],
    [
      'a time that exists twice is two runs',
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00Z',
      '2026-11-01T05:30Z 2026-11-01T06:30Z 2026-11-02T06:30Z',
    ],
    [
      'half an hour twice',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T12:00Z',
      '2026-04-04T14:45Z 2026-04-04T15:15Z 2026-04-05T15:15Z',
    ],
    ['half an hour left out', '15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T10:00Z', '2026-10-04T15:15Z'],
    ['a midnight left out', '0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00Z', '2018-11-05T02:00Z'],
    [
      'nothing changes',
      '0 0 * * *',
      'Asia/Kathmandu',
      '2026-03-28T12:00Z',
      '2026-03-28T18:15Z 2026-03-29T18:15Z',
    ],
    ['an offset', '0 9 * * *', '-03:30', '2026-03-28T12:00Z', '2026-03-28T12:30Z'],
  ])('%s: %s in %s', (_, cron, zone, after, expected) => {
    expect(runs(cron, zone, after, expected.split(' ').length)).toBe(expected)
  })

  it('a run at a month’s first midnight that exists twice or never has an answer, where fugit fails', () => {
    expect(runs('0 0 1 * *', 'America/Havana', '2026-10-15T00:00Z', 1)).toBe('2026-11-01T04:00Z')
    expect(runs('0 5 * 10 *', 'America/Asuncion', '2017-08-15T00:00Z', 1)).toBe('2017-10-01T08:00Z')
  })
})

describe('a search', () => {
  it('starts behind the second of its start', () => {
    const noon = Date.UTC(2026, 10, 22, 12)
    expect(nextRun(cronOf('0 12 * * *'), 'Etc/UTC', noon - 1)).toBe(noon)
    expect(nextRun(cronOf('0 12 * * *'), 'Etc/UTC', noon)).toBe(noon + 86_400_000)
    expect(nextRun(cronOf('0 12 * * *'), 'Etc/UTC', noon + 999)).toBe(noon + 86_400_000)
  })

  it('goes by the second with a sixth field in front', () => {
    expect(runs('*/20 * * * * *', 'UTC', '2026-11-22T12:34Z', 4)).toBe(
      '2026-11-22T12:34:20.000Z 2026-11-22T12:34:40.000Z 2026-11-22T12:35Z 2026-11-22T12:35:20.000Z',
    )
  })

  it('for what never comes ends with nothing', () => {
    const never = cronOf('0 0 -31 2 *')
    const started = performance.now()
    expect(nextRun(never, 'America/New_York', Date.UTC(2026, 10, 22))).toBeNull()
    expect(nextRuns(never, 'America/New_York', Date.UTC(2026, 10, 22), 5)).toEqual([])
    expect(performance.now() - started).toBeLessThan(500) // about 10 ms, with room for a busy machine
  })

  it('for 500 schedules is quick', () => {
    const crons = ['0 0 29 2 *', '*/5 * * * *', '0 9 * * sun%2', '30 2 L * *', '0 0 31 12 1#5'].map(cronOf)
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']
    const started = performance.now()
    const found = Array.from({ length: 25 }, (_, minute) => Date.UTC(2026, 10, 22) + minute * 60_000).flatMap(
      (after) => crons.flatMap((cron) => zones.map((zone) => nextRun(cron, zone, after))),
    )
    expect(found.filter((run) => run !== null)).toHaveLength(500)
    expect(performance.now() - started).toBeLessThan(1500) // about 60 ms, with room for a busy machine
  })
})
