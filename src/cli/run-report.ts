import { join } from 'node:path'
import type { App } from '../app.ts'
import type { Job } from '../model/job.ts'
import type { Pipeline } from '../model/pipeline.ts'
import {
  jobRecord,
  latestJobs,
  pipelineRecord,
  type JobRecord,
  type PipelineRecord,
} from '../pipeline/event-records.ts'

// What `sluice run --json` says, key for key and in this order; the summary is made of the same facts.

export type PipelineReport = PipelineRecord

export interface JobReport extends JobRecord {
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
        pipeline: pipelineRecord(child),
        ...reportFamily(store, child),
      }
    }),
  }
}

export function reportJob(store: App['store'], job: Job): JobReport {
  const [archive] = store.artifacts.ofJob(job.id)
  return {
    ...jobRecord(job),
    log_path: store.traces.pathOf(job),
    artifacts_dir: archive ? join(store.stateDir, archive.path) : null,
  }
}
