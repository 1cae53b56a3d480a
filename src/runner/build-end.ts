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
  /** The script has had its time; in seconds. */
  timeOut(limit: number): void
  /** The runner itself ends, or cannot go on with this job. */
  fail(message: string): void
  /** Stops listening and the timer. */
  dispose(): void
}

/**
 * Cancel, timeout and the runner's own end are one road with different reasons. `timeout` in seconds, from now. It ends the script, as
 * on GitLab; unlike there after_script and uploads then have their own time, as a reserve.
 */
export function watchBuildEnd(options: {
  readonly canceled: AbortSignal
  /** Aborted by a forced cancel. */
  readonly forced?: AbortSignal | undefined
  readonly timeout: number
  readonly clock: Clock
}): BuildEnd {
  const { canceled, forced } = options
  const script = new AbortController()
  const everything = new AbortController()
  let outcome: Outcome | undefined
  const end = (why: Outcome) => {
    outcome ??= why
    script.abort()
  }
  const force = () => {
    outcome ??= { kind: 'canceled' }
    everything.abort()
    script.abort()
  }
  const cancel = () => (canceled.reason === 'force' ? force() : end({ kind: 'canceled' }))
  const timeOut = (limit: number) => end({ kind: 'timed_out', limit: formatGoDuration(limit) })
  const stopTimer = options.clock.after(options.timeout * 1000, () => timeOut(options.timeout))
  listen(canceled, cancel)
  if (forced) listen(forced, force)
  return {
    script: script.signal,
    everything: everything.signal,
    outcome: () => outcome,
    cancel: () => end({ kind: 'canceled' }),
    timeOut,
    fail(message) {
      // Stronger than a cancel: it also ends after_script.
      if (!everything.signal.aborted) outcome = { kind: 'system_failure', message }
      everything.abort()
      script.abort()
    },
    dispose() {
      stopTimer()
      canceled.removeEventListener('abort', cancel)
      forced?.removeEventListener('abort', force)
    },
  }
}

function listen(signal: AbortSignal, deed: () => void): void {
  if (signal.aborted) deed()
  else signal.addEventListener('abort', deed, { once: true })
}
