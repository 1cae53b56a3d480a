import type { FailureReason } from './failure-reason.ts'
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
  /** The artifacts of one of the payload's dependencies; undefined when they are gone. */
  getArtifacts(jobToken: string, jobId: number): Promise<ArtifactsFolder | undefined>
  /** Aborted when this job is to end early: a person's cancel, or the daemon's own end. */
  cancellation(jobToken: string): AbortSignal
}
