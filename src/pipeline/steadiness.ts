import type { Clock } from '../platform/clock.ts'

/** Compares the clock on the wall with one that only runs forward: people and time servers set the first, and machines sleep. */
export interface Steadiness {
  /** By how much the wall clock was set since the last look, in milliseconds; 0: not at all. */
  look(): number
  /** Milliseconds since it was last set, or since this began. */
  steadyMs(): number
}

/** Less than this is a clock that is being trimmed, and timers that come late. */
const SMALLEST_JUMP_MS = 2000

export function makeSteadiness(clock: Clock): Steadiness {
  let wall = clock.now()
  let running = clock.monotonic()
  let since = running
  return {
    look() {
      const [now, ran] = [clock.now(), clock.monotonic()]
      const drift = now - wall - (ran - running)
      wall = now
      running = ran
      if (Math.abs(drift) < SMALLEST_JUMP_MS) return 0
      since = ran
      return drift
    },
    steadyMs: () => clock.monotonic() - since,
  }
}
