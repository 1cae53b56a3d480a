import { warningLine } from '../log/ansi.ts'
import type { Build } from './build.ts'

/** gitlab-runner: from five seconds on, twice as long each time, at most five minutes. */
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 300_000

/**
 * Tries a stage up to so many times, from 1 on; undefined from `stage` is success. The answer is the last failure.
 * Ends early when the job does.
 */
export async function inAttempts<T>(
  build: Pick<Build, 'log' | 'clock' | 'end'>,
  most: number,
  stage: (attempt: number) => Promise<T | undefined>,
  describe: (failure: T) => string,
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt++) {
    const failure = await stage(attempt)
    if (failure === undefined || attempt >= most || build.end.script.aborted) return failure
    build.log.say(warningLine(`Retrying...${' '.repeat(38)}error=${describe(failure)}`))
    await pause(build, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)))
    if (build.end.script.aborted) return failure
  }
}

function pause({ clock, end }: Pick<Build, 'clock' | 'end'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      cancel()
      end.script.removeEventListener('abort', over)
      resolve()
    }
    const cancel = clock.after(ms, over)
    end.script.addEventListener('abort', over, { once: true })
  })
}
