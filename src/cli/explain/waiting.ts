import type { Job } from '../../model/job.ts'
import { isCompleted } from '../../model/status.ts'
import { shellWord } from '../words.ts'
import type { StoredPipeline } from './explained.ts'

/** How a job of a pipeline that was made stands, and what it waits for; null when it never came to be. */
export function waitingFor(name: string, { archive, pipelineId }: StoredPipeline): string | null {
  const jobs = archive.jobs.ofPipeline(pipelineId).filter(({ retried }) => !retried)
  const job = jobs.find((one) => one.name === name)
  return job === undefined ? null : `status ${job.status}${reasonOf(job, jobs)}`
}

function reasonOf(job: Job, jobs: readonly Job[]): string {
  switch (job.status) {
    case 'created': {
      const before = earlierJobs(job, jobs).filter(({ status }) => !isCompleted(status))
      return before.length === 0
        ? ''
        : `: waits for ${before.map((other) => `${other.name} (${other.status})`).join(', ')}`
    }
    case 'manual':
      return `: waits for a person: sluice run ${shellWord(job.name)}`
    case 'scheduled':
      return job.scheduledAt === null ? '' : `: delayed until ${new Date(job.scheduledAt).toISOString()}`
    case 'pending':
      return job.tags.length === 0
        ? ': waits for a runner'
        : `: waits for a runner with the tags ${job.tags.join(', ')}`
    case 'waiting_for_resource':
      return ': waits for its resource group'
    case 'failed':
      return job.failureReason === null ? '' : `: ${job.failureReason}`
    default:
      return ''
  }
}

/** Its needs, or without any the jobs of earlier stages. */
function earlierJobs(job: Job, jobs: readonly Job[]): readonly Job[] {
  if (job.scheduling === 'stage') return jobs.filter(({ stageIndex }) => stageIndex < job.stageIndex)
  const needed = new Set(job.needs.map((need) => need.job))
  return jobs.filter(({ name }) => needed.has(name))
}
