import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import { isCompleted } from '../model/status.ts'
import { cancelPipeline } from './cancel.ts'
import type { EngineContext } from './context.ts'
import { environmentSucceeded } from './environments/succeed.ts'
import type { Change } from './live.ts'
import { notePublished } from './publish.ts'
import { addAttempt, retriesItself } from './retry.ts'

/** How a job's process ended. */
export type Outcome =
  | { readonly state: 'success' }
  | { readonly state: 'failed'; readonly reason: FailureReason; readonly exitCode: number | null }

/**
 * Records the end of a job and all that follows: `allow_failure:exit_codes`, `retry`, the next jobs, the pipeline.
 * GitLab: a job that was being canceled ends as canceled, whatever its script did. False when it had ended already. Who has
 * to answer for it waits for `store.synced`: a power cut before that only means that the job was lost.
 */
export function finishJob(context: EngineContext, job: Job, outcome: Outcome): boolean {
  const { store, live, clock } = context
  if (isCompleted(job.status)) return false
  if (job.status === 'canceling') {
    return live.apply(job.pipelineId, 'normal', [{ jobId: job.id, from: 'canceling', to: 'canceled' }]) === 1
  }
  if (outcome.state === 'success') {
    return (
      live.apply(
        job.pipelineId,
        'normal',
        [{ jobId: job.id, from: job.status, to: 'success', exitCode: 0 }],
        () => {
          if (store.jobs.statusOf(job.id) !== job.status) return
          environmentSucceeded(context, job)
          notePublished(context, job)
        },
      ) === 1
    )
  }
  const { reason, exitCode } = outcome
  const failure: Change = {
    jobId: job.id,
    from: job.status,
    to: 'failed',
    failureReason: reason,
    ...(exitCode === null ? {} : { exitCode }),
    ...(exitCode !== null && store.jobs.optionsOf(job.id).allowFailureExitCodes.includes(exitCode)
      ? { allowFailure: true }
      : {}),
  }
  const again = retriesItself(job, reason, exitCode)
  return live.together('normal', () => {
    const applied = live.apply(job.pipelineId, 'normal', [failure], () => {
      if (!again || store.jobs.statusOf(job.id) !== job.status) return
      // GitLab: the next attempt of a job that a person or a timer started does not wait for them again.
      live.supersede(job.pipelineId, job.id, addAttempt(store, job, clock.now(), { enqueueNow: true }))
    })
    if (applied === 1 && !again && cancelsTheRest(context, job, failure))
      cancelPipeline(context, job.pipelineId)
    return applied === 1
  })
}

/** GitLab: `on_job_failure: all` looks at failures that count and that are not tried again. */
function cancelsTheRest({ store }: EngineContext, job: Job, failure: Change): boolean {
  if (job.retried || (failure.allowFailure ?? job.allowFailure)) return false
  return store.pipelines.onJobFailureOf(job.pipelineId) === 'all'
}
