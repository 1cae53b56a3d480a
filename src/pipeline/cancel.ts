import { isCancelable, type Status } from '../model/status.ts'
import type { JobKind } from '../model/job.ts'
import type { EngineContext } from './context.ts'
import type { Change } from './live.ts'

/** Which of a pipeline's jobs are canceled: all that can be, or only those that may be interrupted. */
export type CancelScope = 'all' | 'interruptible'

/**
 * Cancels what of a pipeline, and of the child pipelines below it, can be canceled. GitLab: manual jobs stay manual; a running job
 * becomes `canceling` until its runner has run after_script and reported.
 */
export function cancelPipeline(context: EngineContext, pipelineId: number): void {
  const family = [pipelineId]
  context.live.together('full', () => {
    // Grows under the loop. Parents first: a bridge that is canceled starts no more children.
    for (const id of family) {
      cancelJobs(context, id, 'all')
      family.push(...context.store.pipelines.childrenOf(id))
    }
  })
}

/** The same for the jobs of one pipeline alone. */
export function cancelJobs({ store, live }: EngineContext, pipelineId: number, scope: CancelScope): void {
  if (!store.pipelines.find(pipelineId)) return
  const chosen = scope === 'all' ? undefined : new Set(store.jobs.interruptibleIdsOf(pipelineId))
  const changes = store.jobs
    .headsOf(pipelineId)
    .filter(({ id, status }) => isCancelable(status) && (chosen?.has(id) ?? true))
    .map(({ id, status, kind }): Change => ({ jobId: id, from: status, to: canceledFrom(status, kind) }))
  if (changes.length > 0) live.apply(pipelineId, 'full', changes)
}

/** GitLab: only what a runner runs takes time to end. */
export function canceledFrom(status: Status, kind: JobKind): Status {
  return status === 'running' && kind === 'build' ? 'canceling' : 'canceled'
}
