import type { Clock } from '../../../src/platform/clock.ts'

/** Time that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Resolves when somebody waits for exactly this long. */
  awaited(ms: number): Promise<void>
  /** Lets every timer of this length run out. */
  runOut(ms: number): void
}

interface Timer {
  readonly ms: number
  readonly run: () => void
}

export function manualClock(now = Date.UTC(2030, 0, 1)): ManualClock {
  let timers: Timer[] = []
  let watchers: (() => void)[] = []
  return {
    now: () => now,
    monotonic: () => 0,
    after(ms, run) {
      const timer = { ms, run }
      timers.push(timer)
      for (const look of watchers.splice(0)) look()
      return () => (timers = timers.filter((other) => other !== timer))
    },
    async awaited(ms) {
      while (!timers.some((timer) => timer.ms === ms))
        await new Promise<void>((resolve) => watchers.push(resolve))
    },
    runOut(ms) {
      const due = timers.filter((timer) => timer.ms === ms)
      timers = timers.filter((timer) => timer.ms !== ms)
      watchers = [...watchers]
      for (const timer of due) timer.run()
    },
  }
}
