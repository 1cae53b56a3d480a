import { err, ok, type Result } from '../shared/result.ts'
import type { EngineContext } from './context.ts'
import type { Change } from './live.ts'
import { addAttempt } from './retry.ts'
import { isRetryable } from './retry-job.ts'
import { takeOver } from './take-over.ts'
import { noSuchPipeline } from './verb-refusals.ts'
import type { VerbOptions, VerbRefusal } from './verbs.ts'

/**
 * Adds new attempts of all latest jobs that failed or were canceled and lets everything that was skipped be looked at again.
 * GitLab: manual jobs among them wait for a person again; nothing to retry is no error. Returns the pipeline's id.
 */
export function retryPipeline(
  context: EngineContext,
  pipelineId: number,
  { userId }: VerbOptions,
): Result<number, VerbRefusal> {
  const { store, live, clock } = context
  if (!store.pipelines.find(pipelineId)) return err(noSuchPipeline(pipelineId))
  takeOver(context, pipelineId)
  const changes: Change[] = []
  live.apply(pipelineId, 'full', changes, () => {
    for (const { id, status } of store.jobs.headsOf(pipelineId)) {
      if (status === 'skipped') {
        if (userId !== null) store.jobs.setUser(id, userId)
        changes.push({ jobId: id, from: 'skipped', to: 'created' })
      }
      if (status !== 'failed' && status !== 'canceled') continue
      const job = store.jobs.find(id)
      if (!job || !isRetryable(job)) continue
      live.supersede(pipelineId, id, addAttempt(store, job, clock.now(), { userId, enqueueNow: false }))
    }
  })
  return ok(pipelineId)
}
