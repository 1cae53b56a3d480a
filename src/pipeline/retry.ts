import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import type { Variable } from '../model/variable.ts'
import { recordDeployment } from './environments/place.ts'
import type { JobHead } from '../store/job-schedule.ts'
import type { Store } from '../store/store.ts'

/** GitLab: trying again cannot help against these, whatever `retry` says. */
const HOPELESS: readonly FailureReason[] = [
  'ci_quota_exceeded',
  'no_matching_runner',
  'missing_dependency_failure',
  'forward_deployment_failure',
  'environment_creation_failure',
]

/** GitLab: a word of `retry:when` that newer, finer reasons answer to as well. */
const ALIASES: Readonly<Record<string, readonly FailureReason[]>> = {
  stuck_or_timeout_failure: [
    'stuck_pending_with_matching_runners',
    'stuck_pending_no_matching_runners',
    'no_updates_running',
    'no_updates_canceling',
  ],
  job_execution_timeout: ['server_timeout_running', 'server_timeout_canceling'],
}

/** GitLab: without `retry`, what only the scheduler did wrong is tried again. */
const SCHEDULER_RETRIES = 2

/** Whether a failed job is tried again by itself. GitLab: `retry.max` counts attempts of that name in the pipeline. */
export function retriesItself(job: Job, reason: FailureReason, exitCode: number | null): boolean {
  return !job.retried && job.attempt <= allowedRetries(job, reason, exitCode)
}

function allowedRetries(job: Job, reason: FailureReason, exitCode: number | null): number {
  if (HOPELESS.includes(reason)) return 0
  const { retry } = job.options
  if (retry) {
    const byReason = retry.when.some((word) => answersTo(reason, word))
    if (byReason || (exitCode !== null && retry.exitCodes.includes(exitCode))) return retry.max
  }
  return reason === 'scheduler_failure' ? SCHEDULER_RETRIES : 0
}

function answersTo(reason: FailureReason, word: string): boolean {
  return word === 'always' || word === reason || (ALIASES[word]?.includes(reason) ?? false)
}

/** What an attempt has that the one before had not. */
export interface AttemptOptions {
  /** Null, or absent: whoever started the one before. */
  readonly userId?: number | null
  /** Absent or empty: those that were typed in for the one before. */
  readonly variables?: readonly Variable[]
  /** Absent: those given for the one before. */
  readonly inputs?: Readonly<Record<string, unknown>>
  /** A manual or delayed job is not held again. */
  readonly enqueueNow: boolean
}

/** Adds the next attempt of a job as a new row and flags the old one; the caller's transaction. */
export function addAttempt(store: Store, job: Job, now: number, options: AttemptOptions): JobHead {
  const before = store.jobs.optionsOf(job.id)
  const stored = options.inputs ? { ...before, inputs: { ...before.inputs, ...options.inputs } } : before
  const head = store.jobs.headOf(job.id)
  // An earlier attempt may have been allowed to fail because of its exit code; the new one starts without that.
  const allowFailure = stored.allowFailureExitCodes.length > 0 ? false : job.allowFailure
  const enqueueNow = options.enqueueNow && (job.when === 'manual' || job.when === 'delayed')
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
      kind: job.kind,
      resourceGroup: job.resourceGroup,
      environment: job.environment,
      userId: options.userId ?? job.userId,
      enqueueNow,
      needs: job.needs,
      stored,
    },
    now,
  )
  if (job.environment !== null && job.options.environment) {
    const {
      projectId,
      pipelineId,
      environment,
      options: { environment: plan },
    } = job
    recordDeployment(
      store,
      { jobId: id, projectId, pipelineId, plan, userId: options.userId ?? job.userId },
      environment,
      now,
    )
  }
  const given = options.variables?.length ? options.variables : store.jobVariables.of(job.id, 'manual')
  if (given.length > 0) store.jobVariables.put(id, 'manual', given)
  return { ...head, id, allowFailure, enqueueNow, status: 'created' }
}
