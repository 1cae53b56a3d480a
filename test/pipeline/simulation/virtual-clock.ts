import type { Clock } from '../../../src/platform/clock.ts'

/** Time that a simulation moves. Timers are run in their order; those of a process that died are gone with it. */
export interface VirtualClock extends Clock {
  advance(ms: number): void
  /** Sets the clock on the wall; timers do not notice. */
  set(ms: number): void
  dropTimers(): void
  readonly wasSet: () => boolean
}

const START = Date.UTC(2026, 10, 22, 12)
/** A machine that sleeps wakes its timers late: no more looks than this. */
const LOOKS = 8

export function virtualClock(): VirtualClock {
  let steady = START
  let offset = 0
  let touched = false
  let timers: { readonly at: number; readonly run: () => void }[] = []

  function runDue(): void {
    const due = timers.filter(({ at }) => at <= steady).toSorted((a, b) => a.at - b.at)
    for (const timer of due) {
      if (!timers.includes(timer)) continue
      timers = timers.filter((other) => other !== timer)
      timer.run()
    }
  }

  return {
    now: () => steady + offset,
    monotonic: () => steady,
    after(ms, run) {
      const timer = { at: steady + ms, run }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    advance(ms) {
      for (let look = 0; look < LOOKS; look++) {
        steady += Math.ceil(ms / LOOKS)
        runDue()
      }
    },
    set(ms) {
      offset += ms
      touched = true
    },
    dropTimers: () => void (timers = []),
    wasSet: () => touched,
  }
}
