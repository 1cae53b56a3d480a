import { noteJobProcesses } from '../../platform/job-processes.ts'
import type { BuildEnvironment } from '../executors/executor.ts'

/** The same environment; while a script runs in it, its processes are known to be the job's. */
export function notedEnvironment(environment: BuildEnvironment, jobId: number): BuildEnvironment {
  return {
    ...environment,
    async start(descriptors) {
      const started = await environment.start(descriptors)
      if (!started.ok) return started
      const { pid, helpers = [], ended } = started.value
      const forget = noteJobProcesses(jobId, [pid, ...helpers])
      void ended.then(forget, forget)
      return started
    },
  }
}
