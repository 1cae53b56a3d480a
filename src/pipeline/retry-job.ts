import type { Job } from '../model/job.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { EngineContext } from './context.ts'
import { checkJobInputs } from './job-inputs.ts'
import type { Change } from './live.ts'
import { addAttempt } from './retry.ts'
import { revive } from './revive.ts'
import { takeOver } from './take-over.ts'
import { noSuchJob } from './verb-refusals.ts'
import type { VerbOptions, VerbRefusal } from './verbs.ts'

/** GitLab: the latest attempt, once it has ended or is about to; what somebody else reported is theirs to repeat. */
export function isRetryable(job: Pick<Job, 'status' | 'retried' | 'kind' | 'failureReason'>): boolean {
  if (job.retried || job.kind === 'external') return false
  // GitLab: `Ci::Bridge#retryable?`; it would only end in the same way.
  if (
    job.failureReason === 'pipeline_loop_detected' ||
    job.failureReason === 'reached_max_descendant_pipelines_depth'
  )
    return false
  return ['success', 'failed', 'canceled', 'canceling'].includes(job.status)
}

/**
 * Adds a new attempt of a job and revives what was skipped after it. GitLab: the new attempt of a manual job is not held again.
 * Returns its id.
 */
export function retryJob(
  context: EngineContext,
  jobId: number,
  options: VerbOptions,
): Result<number, VerbRefusal> {
  const { store, live, clock } = context
  const known = store.jobs.find(jobId)
  if (!known) return err(noSuchJob(jobId))
  const unfit = checkJobInputs(known, options.inputs)
  if (unfit) return err(unfit)
  takeOver(context, known.pipelineId)
  const changes: Change[] = []
  let attemptId: number | undefined
  live.apply(known.pipelineId, 'full', changes, () => {
    const job = store.jobs.find(jobId)
    if (!job || !isRetryable(job)) return
    const attempt = addAttempt(store, job, clock.now(), { ...options, enqueueNow: true })
    live.supersede(job.pipelineId, job.id, attempt)
    changes.push(...revive(context, job.pipelineId, [attempt.id], options.userId))
    attemptId = attempt.id
  })
  if (attemptId !== undefined) return ok(attemptId)
  return err({
    reason: 'not_retryable',
    message: `job ${jobId} cannot be retried: it ${whyNot(store.jobs.find(jobId) ?? known)}`,
  })
}

function whyNot(job: Job): string {
  if (job.retried) return 'has been retried already'
  return job.kind === 'external' ? 'is reported from outside' : `is ${job.status}`
}
