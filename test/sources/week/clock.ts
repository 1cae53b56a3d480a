import type { Clock } from '../../../src/platform/clock.ts'

/** Time in a test's hands. Timers run in the order of their instants. */
export interface WeekClock extends Clock {
  /** Lets so many milliseconds pass. What a timer sets waits for the next call, as on a machine that is busy. */
  advance(ms: number): void
  /** Sets the clock on the wall; timers do not notice. So does a machine that sleeps. */
  set(ms: number): void
}

export function weekClock(start: number): WeekClock {
  let steady = 0
  let wall = start
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()

  return {
    now: () => wall,
    monotonic: () => steady,
    after(ms, run) {
      const timer = { at: steady + ms, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      wall += ms
      steady += ms
      const due = [...timers].filter(({ at }) => at <= steady).toSorted((a, b) => a.at - b.at)
      // One that runs may cancel the next.
      for (const timer of due) if (timers.delete(timer)) timer.run()
    },
    set: (ms) => void (wall += ms),
  }
}
