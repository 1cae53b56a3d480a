import type { App } from '../app.ts'
import { killJobs } from './kill-jobs.ts'

export interface Signals {
  /** Resolves at the first signal that ends; a second one kills the jobs that still have their grace. */
  readonly ended: Promise<void>
  /** What SIGHUP asks for from now on; nothing any more once the end has begun. Must not reject. */
  onReload(reload: () => Promise<void>): void
}

/** From here on no signal ends the process by itself. */
export function takeSignals(app: App): Signals {
  let reload = (): Promise<void> => Promise.resolve()
  let signaled = false
  process.on('SIGHUP', () => {
    if (!signaled) void reload()
  })
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (signaled) killJobs(app)
        signaled = true
        resolve()
      })
    }
  })
  return {
    ended,
    onReload(wanted) {
      reload = wanted
    },
  }
}
