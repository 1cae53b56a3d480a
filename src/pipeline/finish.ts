import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import type { EngineContext } from './context.ts'
import type { Change } from './live.ts'
import { addAttempt, retriesItself } from './retry.ts'

/** How a job's process ended. */
export type Outcome =
  | { readonly state: 'success' }
  | { readonly state: 'failed'; readonly reason: FailureReason; readonly exitCode: number | null }

/**
 * Records the end of a job and all that follows: `allow_failure:exit_codes`, `retry`, the next jobs, the pipeline.
 * GitLab: a job that was being canceled ends as canceled, whatever its script did. False when it had ended already.
 */
export function finishJob(context: EngineContext, job: Job, outcome: Outcome): boolean {
  const { store, live, clock } = context
  if (job.status === 'canceling') {
    return live.apply(job.pipelineId, 'full', [{ jobId: job.id, from: 'canceling', to: 'canceled' }]) === 1
  }
  if (outcome.state === 'success') {
    return (
      live.apply(job.pipelineId, 'full', [
        { jobId: job.id, from: job.status, to: 'success', exitCode: 0 },
      ]) === 1
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
  if (!retriesItself(job, reason, exitCode)) return live.apply(job.pipelineId, 'full', [failure]) === 1
  const changes = [failure]
  const applied = live.apply(job.pipelineId, 'full', changes, () => {
    const next = addAttempt(store, job, clock.now())
    live.supersede(job.pipelineId, job.id, next)
    // GitLab: the next attempt of a job that a person or a timer started does not wait for them again.
    if (job.when === 'manual' || job.when === 'delayed')
      changes.push({ jobId: next.id, from: 'created', to: 'pending' })
  })
  return applied > 0
}
