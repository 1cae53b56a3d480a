import type { FailureReason } from './failure-reason.ts'
import type { Result } from '../shared/result.ts'
import type { JobPayload } from './payload.ts'

/** Who asks for work. */
export interface RunnerIdentity {
  readonly name: string
  readonly tags: readonly string[]
  readonly runUntagged: boolean
}

/** How a job ended, as its runner reports it. */
export type JobUpdate =
  | {
      readonly state: 'running'
      readonly isolation: string
      readonly pid: number
      readonly pidStart: string
      readonly bootId: string
    }
  | { readonly state: 'success' }
  | { readonly state: 'failed'; readonly reason: FailureReason; readonly exitCode: number | null }

/** The one writer of a running job's trace. */
export interface TraceWriter {
  /** Absolute path of the log, for followers that read by offset. */
  readonly path: string
  /** Appends; resolves when the bytes are handed to the file, so that awaiting it is back-pressure. Rejects with the file system's error. */
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** A folder tree of artifacts, as a job left it or as another will receive it. */
export interface ArtifactsFolder {
  readonly jobId: number
  readonly jobName: string
  /** Absolute path of a folder whose content is laid out as in the work folder. */
  readonly path: string
}

/** A report as its runner packed it. */
export interface StagedReport {
  /** `junit`, `dotenv`, … */
  readonly type: string
  readonly format: 'zip' | 'gzip' | 'raw'
  /** Of the packed file: `junit.xml.gz`. */
  readonly name: string
  /** Absolute, in a folder from `stageArtifacts`. */
  readonly staged: string
  /** Bytes of the packed file. */
  readonly size: number
  /** How many were packed. */
  readonly files: number
  readonly expireIn: string | null
}

/**
 * The four things that whoever runs jobs may say. Spoken by `runner/`, and over HTTP by official runners. All asynchronous,
 * all data cloneable, so that a runner can move to another process or machine.
 */
export interface Coordinator {
  /** Claims the oldest pending job that fits; undefined when there is none. */
  requestJob(runner: RunnerIdentity): Promise<JobPayload | undefined>
  openTrace(jobToken: string): Promise<TraceWriter>
  /** Says how the job stands; the answer `canceled` asks the runner to end it. */
  updateJob(jobToken: string, update: JobUpdate): Promise<'accepted' | 'canceled'>
  /** A fresh empty folder in the state folder's file system, to collect artifacts into. */
  stageArtifacts(jobToken: string): Promise<string>
  /** Takes over a staged folder by renaming it, and records it. */
  putArtifacts(
    jobToken: string,
    artifacts: {
      readonly staged: string
      readonly name: string | null
      readonly size: number
      readonly files: number
      readonly expireIn: string | null
    },
  ): Promise<void>
  /**
   * Takes over the staged file of a report by renaming it, and records it; what GitLab reads at once (dotenv) is read. The error is
   * GitLab's sentence for a report that it answers with 400.
   */
  putReport(jobToken: string, report: StagedReport): Promise<Result<null, string>>
  /** The artifacts of one of the payload's dependencies; undefined when they are gone. */
  getArtifacts(jobToken: string, jobId: number): Promise<ArtifactsFolder | undefined>
  /** Aborted when this job is to end early: a person's cancel, or the daemon's own end. With the reason `force` not even after_script runs. */
  cancellation(jobToken: string): AbortSignal
  /** Aborted by a forced cancel, also of a job that is being cancelled already: what still runs of it ends, after_script too. */
  forcedCancellation?(jobToken: string): AbortSignal
}
