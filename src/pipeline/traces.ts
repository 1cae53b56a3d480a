import type { TraceWriter } from '../model/coordinator.ts'
import type { PipelineEvent } from '../model/events.ts'
import type { Clock } from '../platform/clock.ts'
import type { Store } from '../store/store.ts'

/** GitLab pushes a running log about this often; more would only repeat "look again". */
const ANNOUNCE_EVERY_MS = 100

/** Opens the trace of a job for its runner, the only writer. Growth is announced at most ten times a second, and at the end. */
export function openTraceWriter(
  context: { readonly store: Store; readonly clock: Clock; announce(events: readonly PipelineEvent[]): void },
  job: { readonly id: number; readonly pipelineId: number; readonly createdAt: number },
): TraceWriter {
  const { store, clock, announce } = context
  const path = store.traces.pathOf(job)
  const file = store.traces.append(path)
  let cancel: (() => void) | undefined

  function tell(): void {
    cancel = undefined
    announce([{ type: 'trace', pipelineId: job.pipelineId, jobId: job.id, size: file.size() }])
  }

  return {
    path,
    async write(bytes) {
      await file.write(bytes)
      cancel ??= clock.after(ANNOUNCE_EVERY_MS, tell)
    },
    async close() {
      cancel?.()
      await file.close()
      store.jobs.setTraceSize(job.id, file.size())
      tell()
    },
  }
}
