import { describe, expect, it } from 'vitest'
import type { MissedPolicy, Schedule } from '../../../src/model/schedule.ts'
import { dueRuns } from '../../../src/sources/scheduler/due-runs.ts'

const at = (time: string): number => Date.parse(time)
const iso = (instant: number): string => new Date(instant).toISOString().slice(0, 16)

function schedule(cron: string, missed: MissedPolicy, nextRunAt: string): Schedule {
  return {
    id: 1,
    projectId: 9,
    description: 'nightly',
    ref: 'refs/heads/main',
    cron,
    timezone: 'UTC',
    active: true,
    ownerId: 1,
    inputs: {},
    missed,
    nextRunAt: at(nextRunAt),
    lastRunAt: null,
    lastError: null,
    missedRuns: 0,
    declaredAt: null,
    createdAt: 0,
    updatedAt: 0,
  }
}

describe('what a due schedule does', () => {
  it.each<[string, string, MissedPolicy, string, string, string[], number]>([
    ['on time', '0 * * * *', 'once', '2026-11-22T10:00Z', '2026-11-22T10:00:01Z', ['2026-11-22T10:00'], 0],
    ['on time, skip', '0 * * * *', 'skip', '2026-11-22T10:00Z', '2026-11-22T10:01Z', ['2026-11-22T10:00'], 0],
    [
      'asleep for one, once',
      '0 * * * *',
      'once',
      '2026-11-22T10:00Z',
      '2026-11-22T10:40Z',
      ['2026-11-22T10:00'],
      0,
    ],
    ['asleep for one, skip', '0 * * * *', 'skip', '2026-11-22T10:00Z', '2026-11-22T10:40Z', [], 1],
    [
      'asleep for three, once',
      '0 * * * *',
      'once',
      '2026-11-22T10:00Z',
      '2026-11-22T12:40Z',
      ['2026-11-22T12:00'],
      2,
    ],
    ['asleep for three, skip', '0 * * * *', 'skip', '2026-11-22T10:00Z', '2026-11-22T12:40Z', [], 3],
    [
      'back just in time, skip',
      '0 * * * *',
      'skip',
      '2026-11-22T10:00Z',
      '2026-11-22T12:01Z',
      ['2026-11-22T12:00'],
      2,
    ],
    [
      'asleep for three, all',
      '0 * * * *',
      'all',
      '2026-11-22T10:00Z',
      '2026-11-22T12:40Z',
      ['2026-11-22T10:00', '2026-11-22T11:00', '2026-11-22T12:00'],
      0,
    ],
    [
      'asleep for five, all of at most four',
      '0 0 * * *',
      'all',
      '2026-11-18T00:00Z',
      '2026-11-22T12:00Z',
      ['2026-11-19T00:00', '2026-11-20T00:00', '2026-11-21T00:00', '2026-11-22T00:00'],
      1,
    ],
    [
      'a year off, monthly, once',
      '0 0 1 * *',
      'once',
      '2025-11-01T00:00Z',
      '2026-11-22T12:00Z',
      ['2026-11-01T00:00'],
      12,
    ],
    [
      'a year off, each minute: counting ends at 10,000',
      '* * * * *',
      'once',
      '2025-11-22T12:00Z',
      '2026-11-22T12:00Z',
      ['2026-11-22T12:00'],
      9999,
    ],
  ])('%s', (_title, cron, missed, nextRunAt, now, instants, count) => {
    const plan = dueRuns(schedule(cron, missed, nextRunAt), at(now), 4)
    expect(plan.instants.map(iso)).toEqual(instants)
    expect(plan.missed).toBe(count)
  })

  it('goes on after now, not after what was missed', () => {
    const plan = dueRuns(schedule('0 * * * *', 'skip', '2026-11-22T10:00Z'), at('2026-11-22T12:40Z'), 4)
    expect(iso(plan.last)).toBe('2026-11-22T12:00')
    expect(iso(plan.next ?? 0)).toBe('2026-11-22T13:00')
  })
})
