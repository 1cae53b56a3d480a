import type { Job } from '../../model/job.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import { jobRecord, latestJobs, pipelineRecord } from '../../pipeline/event-records.ts'
import type { Store } from '../../store/store.ts'
import { isoTime } from '../times.ts'

// What the events of a stream say: names and keys are those of `sluice run --json`, without the paths of this machine.

/** Raised when a key changes its meaning or goes away. */
const SCHEMA = 1

export function createdRecord(store: Store, pipeline: Pipeline) {
  const verdicts = new Map(
    store.configs.traceOf(pipeline.id)?.jobs.map((verdict) => [verdict.job, verdict] as const),
  )
  return {
    type: 'pipeline.created',
    schema: SCHEMA,
    pipeline: pipelineRecord(pipeline),
    jobs: latestJobs(store, pipeline.id).map((job) => ({
      id: job.id,
      name: job.name,
      stage: job.stage,
      status: job.status,
      allow_failure: job.allowFailure,
      when: job.when,
      needs: job.needs.map((need) => need.job),
      because: verdicts.get(job.name)?.because ?? null,
      rules: verdicts.get(job.name)?.steps ?? [],
    })),
  }
}

export function startedRecord(job: Job) {
  return {
    type: 'job.started',
    schema: SCHEMA,
    pipeline_id: job.pipelineId,
    job: {
      id: job.id,
      name: job.name,
      stage: job.stage,
      status: 'running',
      started_at: isoTime(job.startedAt),
    },
  }
}

export function jobFinishedRecord(job: Job) {
  return { type: 'job.finished', schema: SCHEMA, pipeline_id: job.pipelineId, job: jobRecord(job) }
}

export function pipelineFinishedRecord(store: Store, pipeline: Pipeline) {
  return {
    type: 'pipeline.finished',
    schema: SCHEMA,
    pipeline: pipelineRecord(pipeline),
    jobs: latestJobs(store, pipeline.id).map(jobRecord),
    children: [],
    errors: [],
  }
}
