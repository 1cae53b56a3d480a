import type { Result } from '../../shared/result.ts'
import type { Failure } from '../failure.ts'

/** A job whose log is wanted. */
export interface LoggedJob {
  readonly id: number
  readonly name: string
  readonly status: string
}

/** Where logs come from: a state folder, or a daemon. */
export interface LogSource {
  /** By name in the newest pipeline that has it, or by number. */
  find(wanted: string): Promise<Result<LoggedJob, Failure>>
  /** The failed jobs of the chosen pipeline, or of the newest one. */
  failed(): Promise<Result<readonly LoggedJob[], Failure>>
  /** What has been written so far. */
  stored(job: LoggedJob): Promise<Result<AsyncIterable<Uint8Array>, Failure>>
  /** Hands on what comes behind an offset, until the job has ended. */
  follow(job: LoggedJob, from: number, on: (bytes: Uint8Array) => void): Promise<Result<true, Failure>>
}
