import type { App } from '../app.ts'
import { SIGNAL_EXIT, type EndingSignal } from './exit-code.ts'
import { killJobs } from './kill-jobs.ts'
import type { RunReporter } from './run-reporter.ts'

/** What Ctrl+C and other ends from outside do to a run. */
export interface Ending {
  /** From now on the first signal cancels this pipeline as GitLab would, the second kills what is left of it. */
  cancels(app: App, pipelineId: number): void
  /** The code of the signal that ended the run; undefined when none did. */
  exitCode(): number | undefined
  /** Signals do what they usually do again. */
  release(): void
}

/** Before there is a pipeline a signal simply ends the process: nothing runs yet. */
export function endOnSignals(reporter: RunReporter): Ending {
  let target: { readonly app: App; readonly pipelineId: number } | undefined
  let first: EndingSignal | undefined

  function onSignal(signal: EndingSignal): void {
    if (!target) process.exit(SIGNAL_EXIT[signal])
    const { app, pipelineId } = target
    if (first === undefined) {
      first = signal
      if (signal === 'SIGINT') reporter.notice('canceling; Ctrl+C again kills what is left')
      app.engine.cancel(pipelineId)
    } else {
      killJobs(app)
    }
  }

  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
    (signal) => [signal, () => onSignal(signal)] as const,
  )
  for (const [signal, listener] of listeners) process.on(signal, listener)

  return {
    cancels(app, pipelineId) {
      target = { app, pipelineId }
    },
    exitCode: () => first && SIGNAL_EXIT[first],
    release() {
      for (const [signal, listener] of listeners) process.off(signal, listener)
    },
  }
}
