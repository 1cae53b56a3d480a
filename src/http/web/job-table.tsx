import type { Job } from '../../model/job.ts'
import { jobStatusWords } from '../status-words.ts'
import { jobPath } from '../urls.ts'
import { longDuration } from './duration.ts'
import { StatusBadge } from './status-badge.tsx'

interface JobTableProps {
  readonly caption: string
  readonly projectName: string
  /** The latest attempts of one stage. */
  readonly jobs: readonly Job[]
  /** Earlier attempts of any job of the pipeline. */
  readonly retried: readonly Job[]
  readonly now: number
}

export function JobTable({ caption, projectName, jobs, retried, now }: JobTableProps) {
  return (
    <div class="wide">
      <table class="even" aria-label={caption}>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Job</th>
            <th scope="col">Duration</th>
            <th scope="col">Remarks</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <td>
                <StatusBadge words={jobStatusWords(job.status)} />
              </td>
              <th scope="row">
                <a href={jobPath(projectName, job.id)}>{job.name}</a>
              </th>
              <td class="number">{jobDuration(job, now)}</td>
              <td>
                {remarks(job)}
                {retried
                  .filter((earlier) => earlier.name === job.name)
                  .map((earlier) => (
                    <>
                      {' '}
                      <a
                        key={earlier.id}
                        href={jobPath(projectName, earlier.id)}
                      >{`attempt ${earlier.attempt}`}</a>
                    </>
                  ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Empty for a job that has not run. */
export function jobDuration(job: Pick<Job, 'startedAt' | 'finishedAt'>, now: number): string {
  return job.startedAt === null ? '' : longDuration((job.finishedAt ?? now) - job.startedAt)
}

function remarks(job: Job): string {
  return [
    job.status === 'failed' && job.failureReason ? job.failureReason.replaceAll('_', ' ') : '',
    job.status === 'failed' && job.exitCode !== null ? `exit code ${job.exitCode}` : '',
    job.allowFailure ? 'allowed to fail' : '',
    job.needs.length > 0 ? `needs ${job.needs.map((need) => need.job).join(', ')}` : '',
  ]
    .filter((remark) => remark !== '')
    .join('; ')
}
