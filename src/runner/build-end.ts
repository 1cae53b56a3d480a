import type { Clock } from '../platform/clock.ts'
import { formatGoDuration } from '../shared/chronic-duration.ts'
import type { Outcome } from './outcome.ts'

/** Why a job is ended before its script ends; the first reason counts. */
export interface BuildEnd {
  /** Aborted for any reason: the script is to end. */
  readonly script: AbortSignal
  /** Aborted when nothing more is to run, not even after_script. */
  readonly everything: AbortSignal
  /** Undefined while nobody has ended the job. */
  outcome(): Outcome | undefined
  cancel(): void
  /** The runner itself ends, or cannot go on with this job. */
  fail(message: string): void
  /** Stops listening and the timer. */
  dispose(): void
}

/** Cancel, timeout and the runner's own end are one road with different reasons. `timeout` in seconds, from now. */
export function watchBuildEnd(options: {
  readonly canceled: AbortSignal
  readonly timeout: number
  readonly clock: Clock
}): BuildEnd {
  const script = new AbortController()
  const everything = new AbortController()
  let outcome: Outcome | undefined
  const end = (why: Outcome) => {
    outcome ??= why
    script.abort()
  }
  const cancel = () => end({ kind: 'canceled' })
  const stopTimer = options.clock.after(options.timeout * 1000, () =>
    end({ kind: 'timed_out', limit: formatGoDuration(options.timeout) }),
  )
  if (options.canceled.aborted) cancel()
  else options.canceled.addEventListener('abort', cancel, { once: true })
  return {
    script: script.signal,
    everything: everything.signal,
    outcome: () => outcome,
    cancel,
    fail(message) {
      // Stronger than a cancel: it also ends after_script.
      if (!everything.signal.aborted) outcome = { kind: 'system_failure', message }
      everything.abort()
      script.abort()
    },
    dispose() {
      stopTimer()
      options.canceled.removeEventListener('abort', cancel)
    },
  }
}
