import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextRun } from '../../src/shared/cron/next-run.ts'
import { cronOf } from './cron-fixtures.ts'

const MINUTE = 60_000

/** A field, and what it matches, said without the code under test. */
interface Field {
  readonly text: string
  readonly matches: (value: number) => boolean
}

function field(low: number, high: number): fc.Arbitrary<Field> {
  const value = fc.integer({ min: low, max: high })
  return fc.oneof(
    fc.constant<Field>({ text: '*', matches: () => true }),
    value.map<Field>((only) => ({ text: `${only}`, matches: (at) => at === only })),
    fc.tuple(value, value).map<Field>(([first, last]) => ({
      text: `${first}-${last}`,
      matches: (at) => (first <= last ? at >= first && at <= last : at >= first || at <= last),
    })),
    fc
      .integer({ min: 2, max: high })
      .map<Field>((step) => ({ text: `*/${step}`, matches: (at) => (at - low) % step === 0 })),
  )
}

const formats = new Map<string, Intl.DateTimeFormat>()

function wall(
  zone: string,
  at: number,
): [minute: number, hour: number, day: number, month: number, weekDay: number] {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  formats.set(zone, format)
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const [minute = 0, hour = 0, day = 0, month = 0] = (['minute', 'hour', 'day', 'month'] as const).map(
    (part) => Number(parts.get(part)),
  )
  return [minute, hour, day, month, 'SunMonTueWedThuFriSat'.indexOf(parts.get('weekday') ?? '') / 3]
}

// Zones whose clocks change neither at midnight nor by half an hour: there fugit leaves out days and half hours.
const zone = fc.constantFrom(
  'Etc/UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Auckland',
)
const start = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2026, 11, 31) })

describe('the next run', () => {
  it('comes after the start, matches, and no minute between does', () => {
    fc.assert(
      fc.property(
        fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)),
        zone,
        start,
        ([minute, hour, day, month, weekDay], name, after) => {
          const text = [minute, hour, day, month, weekDay].map((one) => one.text).join(' ')
          const matches = (at: number): boolean => {
            const now = wall(name, at)
            const isDay = day.matches(now[2])
            const isWeekDay = weekDay.matches(now[4])
            const joined = day.text === '*' || weekDay.text === '*' ? isDay && isWeekDay : isDay || isWeekDay
            return joined && minute.matches(now[0]) && hour.matches(now[1]) && month.matches(now[3])
          }
          const run = nextRun(cronOf(text), name, after)
          expect(run).not.toBeNull()
          if (run === null) return
          expect(run).toBeGreaterThan(after)
          expect(run % MINUTE).toBe(0)
          expect(matches(run)).toBe(true)
          // Two days before the run, minute by minute; before that a sample, so that a yearly run takes no year to check.
          const first = Math.floor(after / MINUTE) * MINUTE + MINUTE
          const near = Math.max(first, run - 2 * 1440 * MINUTE)
          for (let at = near; at < run; at += MINUTE) expect(matches(at) && at).toBe(false)
          for (let at = first; at < near; at += 997 * MINUTE) expect(matches(at) && at).toBe(false)
        },
      ),
      { numRuns: 60, seed: 1 },
    )
  })
})
