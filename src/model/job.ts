import type { FailureReason } from './failure-reason.ts'
import type { JobOptions, NeedPlan, When } from './plan.ts'
import type { Status } from './status.ts'

export type JobKind = 'build' | 'bridge' | 'external'

/** What the scheduler reads of a job; nothing here needs the disk. */
export interface JobNode {
  readonly id: number
  readonly name: string
  readonly stageIndex: number
  readonly when: When
  readonly allowFailure: boolean
  readonly scheduling: 'stage' | 'dag'
  /** Ids of the latest jobs that this one needs. */
  readonly needs: readonly number[]
  readonly status: Status
  /** Neither `when: manual` nor a delay holds it: somebody has asked for it already. */
  readonly enqueueNow?: boolean
}

/** One attempt at a job: a row of `jobs`. Times are milliseconds since the epoch. */
export interface Job {
  readonly id: number
  readonly pipelineId: number
  readonly projectId: number
  readonly name: string
  readonly stage: string
  readonly stageIndex: number
  readonly when: When
  readonly allowFailure: boolean
  readonly scheduling: 'stage' | 'dag'
  readonly needs: readonly NeedPlan[]
  readonly dependencies: readonly string[] | null
  readonly tags: readonly string[]
  readonly status: Status
  readonly failureReason: FailureReason | null
  readonly exitCode: number | null
  readonly coverage: number | null
  /** A newer attempt exists. */
  readonly retried: boolean
  readonly attempt: number
  readonly createdAt: number
  readonly queuedAt: number | null
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly scheduledAt: number | null
  readonly erasedAt: number | null
  readonly traceSize: number
  /** The isolation that really held: `bubblewrap (user,pid,ipc,uts; network host)`, `shell`. */
  readonly isolation: string | null
  /** A bridge starts a pipeline instead of a script; an external job is a commit status that somebody reports. */
  readonly kind: JobKind
  readonly interruptible: boolean
  readonly resourceGroup: string | null
  /** Name of the environment, variables expanded. */
  readonly environment: string | null
  /** Who played or retried it; null: who made the pipeline. */
  readonly userId: number | null
  /** Seconds; null until the job starts. */
  readonly timeout: number | null
  readonly options: JobOptions
}
