import type { PipelineEvents } from '../model/events.ts'
import { isCompleted } from '../model/status.ts'
import type { EngineContext } from './context.ts'
import { MOVING } from './live.ts'

/** How often the rows of another process's pipeline are looked at: it announces nothing here. */
const LOOK_MS = 500

/** Resolves when nothing more will happen to a pipeline without a person: it is completed, or blocked by manual jobs only. */
export function settled(context: EngineContext, events: PipelineEvents, pipelineId: number): Promise<void> {
  if (isSettled(context, pipelineId)) return Promise.resolve()
  return new Promise((resolve) => {
    let cancel = () => {}
    const stop = events.on((event) => {
      if (event.pipelineId !== pipelineId || event.type === 'trace') return
      if (event.type === 'job' && MOVING.includes(event.to)) return
      look()
    })

    function look(): void {
      cancel()
      if (isSettled(context, pipelineId)) {
        stop()
        resolve()
      } else if (!isOwn(context, pipelineId)) cancel = context.clock.after(LOOK_MS, look)
    }

    if (!isOwn(context, pipelineId)) look()
  })
}

function isOwn({ store, processId }: EngineContext, pipelineId: number): boolean {
  return store.pipelines.ownershipOf(pipelineId)?.owner === processId
}

/** Costs the same for large pipelines as for small ones: what is in memory knows whether anything moves. */
function isSettled({ store, live }: EngineContext, pipelineId: number): boolean {
  const pipeline = store.pipelines.ownershipOf(pipelineId)
  if (!pipeline || isCompleted(pipeline.status)) return true
  if (pipeline.status !== 'manual') return false
  const moving = live.isMoving(pipelineId)
  return moving === undefined
    ? !store.jobs.headsOf(pipelineId).some((job) => MOVING.includes(job.status))
    : !moving
}
