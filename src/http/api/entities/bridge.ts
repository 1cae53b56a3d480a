import type { Job } from '../../../model/job.ts'
import { jobBasic, type JobFacts } from './job.ts'
import type { pipelineBasic } from './pipeline-basic.ts'

/** GitLab: a job without what only a runner gives, and with the pipeline it started. */
export function bridgeEntity(
  job: Job,
  facts: Omit<JobFacts, 'artifacts'>,
  downstream: ReturnType<typeof pipelineBasic> | null,
) {
  return { ...jobBasic(job, facts), downstream_pipeline: downstream }
}
