import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

/** GitLab's words: a manual job that nobody has started is `blocked`. */
export type DeploymentStatus =
  | 'created'
  | 'running'
  | 'success'
  | 'failed'
  | 'canceled'
  | 'skipped'
  | 'blocked'

/** A row of `deployments`. Times are milliseconds since the epoch. */
export interface DeploymentRow {
  readonly id: number
  /** Counts from 1 in each project. */
  readonly iid: number
  readonly projectId: number
  readonly environmentId: number
  readonly jobId: number
  readonly ref: string
  readonly tag: boolean
  readonly sha: string
  readonly status: DeploymentStatus
  /** Name of the job that stops the environment. */
  readonly onStop: string | null
  readonly userId: number | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly finishedAt: number | null
}

type Row = Omit<DeploymentRow, 'tag'> & { readonly tag: number }

export interface DeploymentFilter {
  /** Name of the environment; null: any. */
  readonly environment: string | null
  readonly status: DeploymentStatus | null
}

const columns = `deployments.id, iid, deployments.project_id as projectId, environment_id as environmentId, job_id as jobId,
  deployments.ref, deployments.tag, deployments.sha, deployments.status, on_stop as onStop, deployments.user_id as userId,
  deployments.created_at as createdAt, deployments.updated_at as updatedAt, deployments.finished_at as finishedAt`

const finished = `deployments.status in ('success', 'failed', 'canceled')`

/** GitLab: `Deployment#sync_status_with`; other statuses of the job change nothing. */
const STATUS_OF: Readonly<Partial<Record<Status, DeploymentStatus>>> = {
  created: 'created',
  running: 'running',
  success: 'success',
  failed: 'failed',
  canceled: 'canceled',
  skipped: 'skipped',
  manual: 'blocked',
}

export function deploymentsTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `insert into deployments (iid, project_id, environment_id, job_id, ref, tag, sha, status, on_stop, user_id, created_at, updated_at)
       values ((select coalesce(max(iid), 0) + 1 from deployments where project_id = @projectId), @projectId, @environmentId, @jobId,
         @ref, @tag, @sha, 'created', @onStop, @userId, @now, @now)`,
    ),
  )
  const follow = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `update deployments set status = @status, updated_at = @now,
         finished_at = case when @status in ('success', 'failed', 'canceled') then @now end
       where job_id = @jobId and status <> @status`,
    ),
  )
  const find = lazily(() =>
    database.prepare<[number], Row>(`select ${columns} from deployments where id = ?`),
  )
  const ofJob = lazily(() =>
    database.prepare<[number], Row>(`select ${columns} from deployments where job_id = ?`),
  )
  const last = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from deployments where environment_id = ? and deployments.status = 'success' order by id desc limit 1`,
    ),
  )
  const stopJobs = lazily(() =>
    database.prepare<[number, number], { pipelineId: number; name: string }>(
      `select distinct jobs.pipeline_id as pipelineId, on_stop as name from deployments join jobs on jobs.id = job_id
       where environment_id = ? and on_stop is not null and ${finished} and jobs.pipeline_id = (
         select jobs.pipeline_id from deployments join jobs on jobs.id = job_id
         where environment_id = ? and ${finished} order by deployments.id desc limit 1)`,
    ),
  )
  return {
    add: (
      deployment: Pick<
        DeploymentRow,
        'projectId' | 'environmentId' | 'jobId' | 'ref' | 'tag' | 'sha' | 'onStop' | 'userId'
      >,
      now: number,
    ): void => void insert().run({ ...deployment, tag: Number(deployment.tag), now }),
    /** Brings a job's deployment to the status that the job now has; nothing when it has none. */
    follow(jobId: number, to: Status, now: number): void {
      const status = STATUS_OF[to]
      if (status !== undefined) follow().run({ jobId, status, now })
    },
    find: (id: number): DeploymentRow | undefined => fromRow(find().get(id)),
    ofJob: (jobId: number): DeploymentRow | undefined => fromRow(ofJob().get(jobId)),
    lastSuccessOf: (environmentId: number): DeploymentRow | undefined => fromRow(last().get(environmentId)),
    /** GitLab: the `on_stop` jobs of all finished deployments of the pipeline that finished one last. */
    stopJobsOf: (environmentId: number): { pipelineId: number; name: string }[] =>
      stopJobs().all(environmentId, environmentId),
    /** One page, oldest first or newest first, and how many there are. */
    page(
      projectId: number,
      filter: DeploymentFilter,
      page: { readonly limit: number; readonly offset: number; readonly newestFirst: boolean },
    ): { deployments: DeploymentRow[]; total: number } {
      const from = `from deployments join environments on environments.id = environment_id
        where deployments.project_id = @projectId and (@environment is null or environments.name = @environment)
        and (@status is null or deployments.status = @status)`
      const values = { projectId, environment: filter.environment, status: filter.status }
      const rows = database
        .prepare<unknown[], Row>(
          `select ${columns} ${from} order by deployments.id ${page.newestFirst ? 'desc' : 'asc'} limit @limit offset @offset`,
        )
        .all({ ...values, limit: page.limit, offset: page.offset })
      const count = database
        .prepare<unknown[], { total: number }>(`select count(*) as total ${from}`)
        .get(values)
      return { deployments: rows.flatMap((row) => fromRow(row) ?? []), total: count?.total ?? 0 }
    },
  }
}

function fromRow(row: Row | undefined): DeploymentRow | undefined {
  return row && { ...row, tag: row.tag === 1 }
}
