import type { PipelineEvents } from '../model/events.ts'
import { isCompleted, type Status } from '../model/status.ts'
import type { Store } from '../store/store.ts'

/** A job in one of these moves on without a person. */
const moving: readonly Status[] = [
  'pending',
  'preparing',
  'running',
  'canceling',
  'waiting_for_resource',
  'waiting_for_callback',
  'scheduled',
]

/** Resolves when nothing more will happen to a pipeline without a person: it is completed, or blocked by manual jobs only. */
export function settled(store: Store, events: PipelineEvents, pipelineId: number): Promise<void> {
  if (isSettled(store, pipelineId)) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = events.on((event) => {
      if (event.pipelineId !== pipelineId || event.type === 'trace') return
      if (event.type === 'job' && moving.includes(event.to)) return
      if (!isSettled(store, pipelineId)) return
      stop()
      resolve()
    })
  })
}

function isSettled(store: Store, pipelineId: number): boolean {
  const pipeline = store.pipelines.find(pipelineId)
  if (!pipeline || isCompleted(pipeline.status)) return true
  if (pipeline.status !== 'manual') return false
  return !store.jobs.headsOf(pipelineId).some((job) => moving.includes(job.status))
}
