import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { everyMinute } from '../../../src/sources/scheduler/wake.ts'

const START = Date.UTC(2026, 10, 22, 12, 0, 30)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let stop: () => void = () => undefined
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'Date'],
    now: START,
  })
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

/** The times of all calls, as the clock showed them. */
function watch(): string[] {
  const calls: string[] = []
  stop = everyMinute(() => {
    calls.push(new Date().toISOString().slice(11, 16))
    return Promise.resolve()
  })
  return calls
}

it('looks at once and at every full minute', async () => {
  const calls = watch()
  await vi.advanceTimersByTimeAsync(2 * MINUTE)
  expect(calls).toEqual(['12:00', '12:01', '12:02'])
})

it.each([
  ['hours', 5 * HOUR, ['07:01', '07:02', '07:03']],
  ['days', 48 * HOUR, ['12:01', '12:02', '12:03']],
])('goes on within a minute when the clock is set back by %s', async (_title, back, expected) => {
  const calls = watch()
  await vi.advanceTimersByTimeAsync(MINUTE)
  vi.setSystemTime(Date.now() - back)
  await vi.advanceTimersByTimeAsync(2 * MINUTE)
  expect(calls.slice(2)).toEqual(expect.arrayContaining(expected.slice(1)))
})

it('goes on when the clock is set ahead, and does not name each minute', async () => {
  const written = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const calls = watch()
  await vi.advanceTimersByTimeAsync(MINUTE)
  vi.setSystemTime(Date.now() + 5 * HOUR)
  await vi.advanceTimersByTimeAsync(2 * MINUTE)
  expect(calls.slice(2)).toEqual(['17:02', '17:03'])
  expect(written).not.toHaveBeenCalled()
})

it('does not catch up minute by minute with a clock that was years behind', async () => {
  const calls = watch()
  vi.setSystemTime(START + 56 * 366 * 24 * HOUR)
  const began = performance.now()
  await vi.advanceTimersByTimeAsync(2 * MINUTE)
  expect(calls.slice(1)).toEqual(['12:01', '12:02'])
  expect(performance.now() - began).toBeLessThan(5000) // milliseconds; a step for each minute would take hours
})

it('waits for a look that takes longer than a minute', async () => {
  const looks: (() => void)[] = []
  stop = everyMinute(() => new Promise((resolve) => looks.push(resolve)))
  await vi.advanceTimersByTimeAsync(5 * MINUTE)
  expect(looks).toHaveLength(1)
  looks[0]?.()
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(looks).toHaveLength(2)
})

it('ends', async () => {
  const calls = watch()
  stop()
  await vi.advanceTimersByTimeAsync(5 * MINUTE)
  expect(calls).toEqual(['12:00'])
})
