import type { Clock } from '../platform/clock.ts'

/** Who asks for a pipeline is answered before the next job is started: starting one takes the event loop for milliseconds. */
export interface Precedence {
  /** Counts the work as being answered until it is done. */
  answer<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when nobody waits for an answer, or after a while: a flood of requests must not stop the jobs. */
  turn(): Promise<void>
}

const LONGEST_WAIT_MS = 20

export function makePrecedence(clock: Clock): Precedence {
  let answering = 0
  let waiting: (() => void)[] = []

  function letGo(): void {
    const all = waiting
    waiting = []
    for (const go of all) go()
  }

  return {
    async answer(work) {
      answering++
      try {
        return await work()
      } finally {
        // The answer is written by whoever awaits this; the jobs come after that.
        setImmediate(() => {
          answering--
          if (answering === 0) letGo()
        })
      }
    },
    turn() {
      if (answering === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const cancel = clock.after(LONGEST_WAIT_MS, resolve)
        waiting.push(() => {
          cancel()
          resolve()
        })
      })
    },
  }
}
