import type { Job } from '../model/job.ts'
import type { Pipeline } from '../model/pipeline.ts'
import { elapsedSeconds } from '../shared/elapsed.ts'
import type { Store } from '../store/store.ts'

// What `sluice run --json` and the event streams say of a pipeline and a job, key for key and in this order.

export type PipelineRecord = ReturnType<typeof pipelineRecord>
export type JobRecord = ReturnType<typeof jobRecord>

export function pipelineRecord(pipeline: Pipeline) {
  return {
    id: pipeline.id,
    status: pipeline.status,
    source: pipeline.source,
    ref: pipeline.ref,
    tag: pipeline.tag,
    sha: pipeline.sha,
    snapshot_sha: pipeline.snapshotSha,
    yaml_errors: pipeline.configError,
  }
}

/** Times are ISO 8601 with milliseconds, in UTC; `duration` is in seconds. */
export function jobRecord(job: Job) {
  return {
    id: job.id,
    name: job.name,
    stage: job.stage,
    status: job.status,
    allow_failure: job.allowFailure,
    when: job.when,
    needs: job.needs.map((need) => need.job),
    exit_code: job.exitCode,
    failure_reason: job.failureReason,
    started_at: isoTime(job.startedAt),
    finished_at: isoTime(job.finishedAt),
    duration: elapsedSeconds(job.startedAt, job.finishedAt),
  }
}

/** The latest attempt of each job, in the order of the pipeline. */
export function latestJobs(store: Pick<Store, 'jobs'>, pipelineId: number): Job[] {
  return store.jobs.ofPipeline(pipelineId).filter((job) => !job.retried)
}

function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
