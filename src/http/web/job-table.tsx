import type { Job } from '../../model/job.ts'
import type { LinkedPipeline } from './related.ts'
import { jobStatusWords } from '../status-words.ts'
import { jobPath, pipelinePath } from '../urls.ts'
import { longDuration } from './duration.ts'
import { QuickActions } from './job-actions.tsx'
import { StatusBadge } from './status-badge.tsx'

interface JobTableProps {
  readonly caption: string
  readonly projectName: string
  /** The latest attempts of one stage. */
  readonly jobs: readonly Job[]
  /** Earlier attempts of any job of the pipeline. */
  readonly retried: readonly Job[]
  /** Pipelines that jobs started, by the job's id. */
  readonly downstream: ReadonlyMap<number, LinkedPipeline>
  readonly now: number
}

export function JobTable({ caption, projectName, jobs, retried, downstream, now }: JobTableProps) {
  return (
    <div class="wide">
      <table class="even" aria-label={caption}>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Job</th>
            <th scope="col">Duration</th>
            <th scope="col">Remarks</th>
            <th scope="col">Actions</th>
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
                <Downstream pipeline={downstream.get(job.id)} />
              </td>
              <td>
                <QuickActions project={projectName} job={job} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Downstream({ pipeline }: { readonly pipeline: LinkedPipeline | undefined }) {
  if (!pipeline) return null
  return (
    <>
      {' → '}
      <a href={pipelinePath(pipeline.project, pipeline.id)}>{`${pipeline.project} #${pipeline.id}`}</a>{' '}
      {pipeline.status}
    </>
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
