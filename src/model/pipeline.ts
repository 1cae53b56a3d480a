import type { PipelineSource } from './source.ts'
import type { Status } from './status.ts'

/** A row of `pipelines`. Times are milliseconds since the epoch. */
export interface Pipeline {
  readonly id: number
  /** Counts from 1 in each project, without gaps. */
  readonly iid: number
  readonly projectId: number
  /** Short name of the branch or tag. */
  readonly ref: string
  readonly tag: boolean
  readonly sha: string
  /** The commit that is checked out when it is not `sha`: the snapshot of a dirty work tree. */
  readonly snapshotSha: string | null
  readonly beforeSha: string
  readonly source: PipelineSource
  readonly status: Status
  readonly name: string | null
  /** GitLab `yaml_errors`. */
  readonly configError: string | null
  readonly configSha256: string | null
  readonly userId: number | null
  readonly triggerId: number | null
  /** The job that started it: a bridge, or one that used its token; the job may be another project's. */
  readonly parentJobId: number | null
  readonly scheduleId: number | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
}

export const ZERO_SHA = '0'.repeat(40)
