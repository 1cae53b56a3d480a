import type { Job } from '../../model/job.ts'
import { isCancelable } from '../../model/status.ts'
import { isRetryable } from '../../pipeline/retry-job.ts'
import { jobPath } from '../urls.ts'
import { Action } from './action.tsx'

/** A manual or delayed job that waits. */
export function isPlayable({ status }: Pick<Job, 'status'>): boolean {
  return status === 'manual' || status === 'scheduled'
}

/** GitLab: a manual job too, which the cancel of its pipeline leaves alone. */
export function isEndable({ status, kind }: Pick<Job, 'status' | 'kind'>): boolean {
  return kind !== 'external' && (isCancelable(status) || status === 'manual')
}

interface QuickActionsProps {
  readonly project: string
  readonly job: Job
}

/** What can be done with a job out of a list. One that wants to be confirmed, or asked for values, is played on its own page. */
export function QuickActions({ project, job }: QuickActionsProps) {
  const path = jobPath(project, job.id)
  const asks = job.options.manualConfirmation !== undefined || (job.options.inputs ?? []).length > 0
  return (
    <div class="actions">
      {isPlayable(job) && asks && <a href={`${path}#play`}>{`Run ${job.name} …`}</a>}
      {isPlayable(job) && !asks && <Action to={`${path}/play`} text="Run" label={`Run ${job.name}`} />}
      {isRetryable(job) && <Action to={`${path}/retry`} text="Retry" label={`Retry ${job.name}`} />}
      {isCancelable(job.status) && job.kind !== 'external' && (
        <Action to={`${path}/cancel`} text="Cancel" label={`Cancel ${job.name}`} />
      )}
    </div>
  )
}
