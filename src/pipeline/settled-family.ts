import type { PipelineEvents } from '../model/events.ts'
import { isCompleted } from '../model/status.ts'
import type { JobHead } from '../store/job-schedule.ts'
import type { EngineContext } from './context.ts'
import { MOVING } from './live.ts'
import { settled } from './settled.ts'

/**
 * Resolves when nothing more will happen, without a person, to a pipeline and to all that its bridges started. Without bridges that
 * is the pipeline alone.
 */
export function familySettled(
  context: EngineContext,
  events: PipelineEvents,
  pipelineId: number,
): Promise<void> {
  const bridges = bridgeCounts(context)
  if (bridges(pipelineId) === 0) return settled(context, events, pipelineId)
  if (isSettled(context, pipelineId, bridges)) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = events.on((event) => {
      if (event.type === 'trace' || (event.type === 'job' && MOVING.includes(event.to))) return
      if (!isSettled(context, pipelineId, bridges)) return
      stop()
      resolve()
    })
  })
}

/** Asked once for each pipeline: no job becomes a bridge later. */
function bridgeCounts({ store }: EngineContext): (pipelineId: number) => number {
  const counts = new Map<number, number>()
  return (pipelineId) => {
    const count = counts.get(pipelineId) ?? store.jobs.bridgeCount(pipelineId)
    counts.set(pipelineId, count)
    return count
  }
}

function isSettled(context: EngineContext, id: number, bridges: (id: number) => number): boolean {
  const pipeline = context.store.pipelines.ownershipOf(id)
  if (!pipeline) return true
  if (!isCompleted(pipeline.status) && !isBlocked(context, id, pipeline.status, bridges(id))) return false
  return (
    bridges(id) === 0 ||
    context.store.pipelines.startedFrom(id).every((next) => isSettled(context, next.id, bridges))
  )
}

/** Waits for a person: here, or where a bridge waits for a pipeline that does. */
function isBlocked({ store, live }: EngineContext, id: number, status: string, bridges: number): boolean {
  // As long as more than the bridges move, who they are need not be asked.
  if (status === 'created' || (live.movingCount(id) ?? 0) > bridges) return false
  const moving = store.jobs.headsOf(id).filter((job) => MOVING.includes(job.status))
  if (moving.length === 0) return status === 'manual'
  return moving.every((job) => waitsForPipeline(store, job))
}

function waitsForPipeline({ pipelines }: EngineContext['store'], { id, kind }: JobHead): boolean {
  const started = kind === 'bridge' ? pipelines.startedBy(id) : undefined
  return started !== undefined && !isCompleted(started.status)
}
