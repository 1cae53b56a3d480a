/** Time as a port, so that tests and simulations drive it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds that never run backwards; only differences mean something. */
  monotonic(): number
  /** Calls `run` once after `ms` milliseconds; the function it returns cancels that and may be called at any time. */
  after(ms: number, run: () => void): () => void
}

/** The machine's clock. A pending timer keeps the process alive. */
export const systemClock: Clock = clockWith((timer) => timer)

/** The machine's clock for housekeeping: a pending timer does not keep the process alive. */
export const backgroundClock: Clock = clockWith((timer) => timer.unref())

/** Node runs a timer of more than 2^31-1 ms at once; longer ones are walked in steps. */
const longestTimer = 2 ** 31 - 1

function clockWith(start: (timer: NodeJS.Timeout) => NodeJS.Timeout): Clock {
  const after = (ms: number, run: () => void): (() => void) => {
    let remaining = ms
    let timer: NodeJS.Timeout
    const step = (): void => {
      const wait = Math.min(remaining, longestTimer)
      remaining -= wait
      timer = start(setTimeout(remaining > 0 ? step : run, wait))
    }
    step()
    return () => clearTimeout(timer)
  }
  return { now: () => Date.now(), monotonic: () => performance.now(), after }
}
