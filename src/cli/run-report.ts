import { join } from 'node:path'
import type { App } from '../app.ts'
import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { When } from '../model/plan.ts'
import type { PipelineSource } from '../model/source.ts'
import type { Status } from '../model/status.ts'

// What `sluice run --json` says, key for key and in this order; the summary is made of the same facts.

export interface PipelineReport {
  readonly id: number
  readonly status: Status
  readonly source: PipelineSource
  readonly ref: string
  readonly tag: boolean
  readonly sha: string
  readonly snapshot_sha: string | null
  readonly yaml_errors: string | null
}

export interface JobReport {
  readonly id: number
  readonly name: string
  readonly stage: string
  readonly status: Status
  readonly allow_failure: boolean
  readonly when: When
  readonly needs: readonly string[]
  readonly exit_code: number | null
  readonly failure_reason: FailureReason | null
  /** ISO 8601 with milliseconds, in UTC. */
  readonly started_at: string | null
  readonly finished_at: string | null
  /** Seconds. */
  readonly duration: number | null
  readonly log_path: string
  /** Null when the job left no artifacts. */
  readonly artifacts_dir: string | null
}

/** A pipeline that a trigger job started, with what it started in its turn. */
export interface ChildReport {
  readonly trigger_job: { readonly id: number; readonly name: string } | null
  readonly pipeline: PipelineReport
  readonly jobs: readonly JobReport[]
  readonly children: readonly ChildReport[]
}

/** The jobs of a pipeline, and the pipelines that they started. */
export function reportFamily(
  store: App['store'],
  pipeline: Pipeline,
): Pick<ChildReport, 'jobs' | 'children'> {
  return {
    jobs: latestJobs(store, pipeline.id).map((job) => reportJob(store, job)),
    children: store.pipelines.startedFrom(pipeline.id).map((child) => {
      const job = child.parentJobId === null ? undefined : store.jobs.find(child.parentJobId)
      return {
        trigger_job: job ? { id: job.id, name: job.name } : null,
        pipeline: reportPipeline(child),
        ...reportFamily(store, child),
      }
    }),
  }
}

export function reportPipeline(pipeline: Pipeline): PipelineReport {
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

export function reportJob(store: App['store'], job: Job): JobReport {
  const [archive] = store.artifacts.ofJob(job.id)
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
    duration:
      job.startedAt === null || job.finishedAt === null ? null : (job.finishedAt - job.startedAt) / 1000,
    log_path: store.traces.pathOf(job),
    artifacts_dir: archive ? join(store.stateDir, archive.path) : null,
  }
}

/** The latest attempt of each job, in the order of the pipeline. */
export function latestJobs(store: App['store'], pipelineId: number): Job[] {
  return store.jobs.ofPipeline(pipelineId).filter((job) => !job.retried)
}

function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
