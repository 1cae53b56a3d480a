import type { App } from '../app.ts'
import { signalGroup } from '../platform/process.ts'

/** Kills what this process's jobs run at this moment: each leads a process group of its own, whose leader its row names. */
export function killJobs(app: App): void {
  for (const { pid } of app.store.jobs.runningOf(app.processId)) {
    if (pid !== null) signalGroup(pid, 'SIGKILL')
  }
}
