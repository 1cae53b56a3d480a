import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import type { JobHead } from '../store/jobs.ts'
import type { Store } from '../store/store.ts'

/** GitLab: trying again cannot help against these. */
const hopeless: readonly FailureReason[] = ['no_matching_runner', 'missing_dependency_failure']

/** Whether a failed job is tried again by itself. GitLab: `retry.max` counts attempts of that name in the pipeline. */
export function retriesItself(job: Job, reason: FailureReason, exitCode: number | null): boolean {
  return job.attempt <= allowedRetries(job, reason, exitCode)
}

function allowedRetries(job: Job, reason: FailureReason, exitCode: number | null): number {
  if (hopeless.includes(reason)) return 0
  const { retry } = job.options
  if (retry) {
    const byReason = retry.when.some((word) => word === 'always' || word === reason)
    if (byReason || (exitCode !== null && retry.exitCodes.includes(exitCode))) return retry.max
  }
  return reason === 'scheduler_failure' ? 2 : 0
}

/** Adds the next attempt of a job as a new row and flags the old one; the caller's transaction. */
export function addAttempt(store: Store, job: Job, now: number): JobHead {
  const stored = store.jobs.optionsOf(job.id)
  const head = store.jobs.headOf(job.id)
  // An earlier attempt may have been allowed to fail because of its exit code; the new one starts without that.
  const allowFailure = stored.allowFailureExitCodes.length > 0 ? false : job.allowFailure
  store.jobs.markRetried(job.id)
  const id = store.jobs.add(
    {
      pipelineId: job.pipelineId,
      projectId: job.projectId,
      name: job.name,
      stage: job.stage,
      stageIndex: job.stageIndex,
      when: job.when,
      startIn: head.startIn,
      allowFailure,
      scheduling: job.scheduling,
      attempt: job.attempt + 1,
      needs: job.needs,
      stored,
    },
    now,
  )
  return { ...head, id, allowFailure, status: 'created' }
}
