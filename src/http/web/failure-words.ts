import type { FailureReason } from '../../model/failure-reason.ts'

/** GitLab's sentences for why a job failed, where it has one. */
const SENTENCES: Partial<Readonly<Record<FailureReason, string>>> = {
  unknown_failure: 'There is an unknown failure, please try again',
  api_failure: 'There has been an API failure, please try again',
  stuck_or_timeout_failure:
    'There has been a timeout failure or the job got stuck. Check your timeout limits or try again',
  runner_system_failure: 'There has been a runner system failure, please try again',
  missing_dependency_failure: 'There has been a missing dependency failure',
  runner_unsupported: 'Your runner is outdated, please upgrade your runner',
  job_execution_timeout: 'The script exceeded the maximum execution time set for the job',
  archived_failure: 'The job is archived and cannot be run',
  scheduler_failure:
    'The scheduler failed to assign job to the runner, please try again or contact system administrator',
  data_integrity_failure:
    'There has been an unknown job problem, please contact your system administrator with the job ID',
  trace_size_exceeded: 'The job log size limit was reached',
}

export function failureWords(reason: FailureReason): string {
  const sentence = SENTENCES[reason]
  return sentence === undefined ? reason : `${reason}: ${sentence}`
}
