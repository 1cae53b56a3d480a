import type { Variable } from '../model/variable.ts'
import type { Result } from '../shared/result.ts'
import { deleteArtifacts, erase, keepArtifacts } from './erase.ts'
import type { EngineContext } from './context.ts'
import type { LocalCoordinator } from './coordinator.ts'
import { cancelJob } from './cancel-job.ts'
import { deletePipeline } from './delete-pipeline.ts'
import { play, unschedule } from './play.ts'
import { retryJob } from './retry-job.ts'
import { retryPipeline } from './retry-pipeline.ts'

/** Why a verb was not carried out. `message` is our own sentence; the adapters know GitLab's status and words for each reason. */
export interface VerbRefusal {
  readonly reason:
    | 'not_found'
    | 'not_playable'
    | 'not_retryable'
    | 'not_cancelable'
    | 'not_unschedulable'
    | 'not_erasable'
    | 'no_artifacts'
    | 'in_progress'
    /** `message` is GitLab's text about the job's `inputs`. */
    | 'invalid_inputs'
  readonly message: string
}

/** Who asks, and what is given with it. */
export interface VerbOptions {
  /** Becomes the job's user; null: nobody is known (a terminal without a daemon). */
  readonly userId: number | null
  /** Typed in when a manual job is played or a job is retried; rank above all others. */
  readonly variables?: readonly Variable[]
  /** Values for the job's own `inputs`. */
  readonly inputs?: Readonly<Record<string, unknown>>
}

/** What a person may do with jobs and pipelines that exist. Every verb is one transaction; the rows are committed when it returns. */
export interface Verbs {
  /** Starts a manual or delayed job now; of a finished manual job, starts it again. Returns the id of the job that will run. */
  play(jobId: number, options: VerbOptions): Result<number, VerbRefusal>
  /** Adds a new attempt of a finished job and revives what was skipped after it. Returns its id. */
  retry(jobId: number, options: VerbOptions): Result<number, VerbRefusal>
  /** Ends one job; with `force`, one that is `canceling` too. */
  cancel(jobId: number, options: { readonly force: boolean }): Result<number, VerbRefusal>
  /** Takes the timer from a delayed job, which becomes manual. */
  unschedule(jobId: number): Result<number, VerbRefusal>
  /** Removes the log, the artifacts and the reports of a finished job. */
  erase(jobId: number, options: VerbOptions): Result<number, VerbRefusal>
  /** Lets artifacts never expire. */
  keepArtifacts(jobId: number): Result<number, VerbRefusal>
  deleteArtifacts(jobId: number): Result<number, VerbRefusal>
  /** Adds new attempts of all that failed or was canceled, and revives what was skipped. */
  retryPipeline(pipelineId: number, options: VerbOptions): Result<number, VerbRefusal>
  /** Removes a pipeline with its jobs, logs and artifacts; a running one is canceled first. */
  deletePipeline(pipelineId: number): Result<number, VerbRefusal>
}

export function makeVerbs(context: EngineContext, coordinator: LocalCoordinator): Verbs {
  return {
    play: (jobId, options) => play(context, jobId, options),
    retry: (jobId, options) => retryJob(context, jobId, options),
    cancel: (jobId, { force }) => cancelJob(context, coordinator, jobId, force),
    unschedule: (jobId) => unschedule(context, jobId),
    erase: (jobId) => erase(context, jobId),
    keepArtifacts: (jobId) => keepArtifacts(context, jobId),
    deleteArtifacts: (jobId) => deleteArtifacts(context, jobId),
    retryPipeline: (pipelineId, options) => retryPipeline(context, pipelineId, options),
    deletePipeline: (pipelineId) => deletePipeline(context, pipelineId),
  }
}
