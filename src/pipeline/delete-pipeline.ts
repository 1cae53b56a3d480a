import { err, ok, type Result } from '../shared/result.ts'
import { cancelPipeline } from './cancel.ts'
import type { EngineContext } from './context.ts'
import { removeFiles } from './prune.ts'
import { isAtWork } from './resource.ts'
import { takeOver } from './take-over.ts'
import { noSuchPipeline } from './verb-refusals.ts'
import type { VerbRefusal } from './verbs.ts'

/**
 * Removes a pipeline with its jobs, logs and artifacts; what runs is canceled first. GitLab: child pipelines stay, canceled.
 * Refused while another process works on it, which would not know.
 */
export function deletePipeline(context: EngineContext, pipelineId: number): Result<number, VerbRefusal> {
  const { store, live, processId, mirrors, clock } = context
  const pipeline = store.pipelines.find(pipelineId)
  if (!pipeline) return err(noSuchPipeline(pipelineId))
  takeOver(context, pipelineId)
  const owner = store.pipelines.ownershipOf(pipelineId)?.owner ?? null
  if (pipeline.finishedAt === null && owner !== null && owner !== processId && isAtWork(store, owner)) {
    const message = `pipeline ${pipelineId} is not finished, and process ${store.processes.find(owner)?.pid ?? '?'} works on it`
    return err({ reason: 'in_progress', message })
  }
  cancelPipeline(context, pipelineId)
  removeFiles(store, pipelineId)
  store.write('full', () => store.pipelines.remove(pipelineId))
  live.forget(pipelineId)
  mirrors
    .unpin?.([pipelineId], clock.now())
    .catch((error: unknown) =>
      context.notice(`the commit of pipeline ${pipelineId} stays pinned: ${String(error)}`),
    )
  return ok(pipelineId)
}
