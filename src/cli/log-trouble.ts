import type { Clock } from '../platform/clock.ts'

/** A full disk fails every line: it is said once in so long. */
const SAY_EVERY_MS = 60_000

/** Tells what keeps a log from being written, on another way and not once for each line. */
export function logTrouble(
  file: string,
  clock: Pick<Clock, 'monotonic'>,
  say: (text: string) => void,
): { failed(error: unknown): void; dropped(): void; written(): string | undefined } {
  let saidAt = -Infinity
  let dropped = 0
  return {
    failed(error) {
      if (clock.monotonic() - saidAt < SAY_EVERY_MS) return
      saidAt = clock.monotonic()
      say(`warning: ${file}: ${String(error)}\n`)
    },
    /** A line for which there is no more room in memory. */
    dropped: () => void dropped++,
    /** What the log itself must say now that it can be written again. */
    written() {
      if (dropped === 0) return undefined
      const text = `${dropped} lines were lost: the log could not be written`
      dropped = 0
      return text
    },
  }
}
