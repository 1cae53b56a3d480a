import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

/** What a commit status says of a job. Times are milliseconds since the epoch. */
export interface CommitStatusRow {
  readonly id: number
  readonly pipelineId: number
  readonly name: string
  readonly status: Status
  readonly allowFailure: boolean
  readonly coverage: number | null
  readonly description: string | null
  readonly targetUrl: string | null
  readonly userId: number | null
  readonly ref: string
  readonly sha: string
  readonly createdAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
}

type Row = Omit<CommitStatusRow, 'allowFailure'> & { readonly allowFailure: number }

export interface CommitStatusFilter {
  readonly pipelineId?: number | undefined
  readonly ref?: string | undefined
  readonly stage?: string | undefined
  readonly name?: string | undefined
  /** Older attempts too. */
  readonly all: boolean
}

const columns = `jobs.id, jobs.pipeline_id as pipelineId, jobs.name, jobs.status, jobs.allow_failure as allowFailure, jobs.coverage,
  jobs.description, jobs.target_url as targetUrl, coalesce(jobs.user_id, pipelines.user_id) as userId, pipelines.ref, pipelines.sha,
  jobs.created_at as createdAt, jobs.started_at as startedAt, jobs.finished_at as finishedAt`

/** Jobs seen as statuses of a commit, and those of them that somebody else reports. */
export function externalJobs(database: Database) {
  const find = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from jobs join pipelines on pipelines.id = jobs.pipeline_id where jobs.id = ?`,
    ),
  )
  const open = lazily(() =>
    database.prepare<[number, string, number], { id: number; status: Status }>(
      `select id, status from jobs where pipeline_id = ? and name = ? and user_id = ? and kind = 'external' and retried = 0
       and status in ('pending', 'running') order by id desc limit 1`,
    ),
  )
  const describe = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `update jobs set description = coalesce(@description, description), target_url = coalesce(@targetUrl, target_url),
         coverage = coalesce(@coverage, coverage) where id = @id`,
    ),
  )
  const supersede = lazily(() =>
    database.prepare<[number, string, number]>(
      'update jobs set retried = 1 where pipeline_id = ? and name = ? and id <> ? and retried = 0',
    ),
  )
  return {
    find: (id: number): CommitStatusRow | undefined => fromRow(find().get(id)),
    /** The status of this name that a user has begun and not ended. */
    openOf: (
      pipelineId: number,
      name: string,
      userId: number,
    ): { readonly id: number; readonly status: Status } | undefined => open().get(pipelineId, name, userId),
    /** What is null stays as it was. */
    describe: (
      id: number,
      given: {
        readonly description: string | null
        readonly targetUrl: string | null
        readonly coverage: number | null
      },
    ): void => void describe().run({ ...given, id }),
    /** GitLab: of a name only the newest counts. */
    supersedeOthers: (pipelineId: number, name: string, id: number): void =>
      void supersede().run(pipelineId, name, id),
    /** One page of a commit's statuses, and how many there are. */
    page(
      projectId: number,
      sha: string,
      filter: CommitStatusFilter,
      order: { readonly by: 'id' | 'pipeline_id'; readonly descending: boolean },
      page: { readonly limit: number; readonly offset: number },
    ): { statuses: CommitStatusRow[]; total: number } {
      const from = `from jobs join pipelines on pipelines.id = jobs.pipeline_id
        where pipelines.project_id = @projectId and pipelines.sha = @sha and (@all or jobs.retried = 0)
        and (@pipelineId is null or pipelines.id = @pipelineId) and (@ref is null or pipelines.ref = @ref)
        and (@stage is null or jobs.stage = @stage) and (@name is null or jobs.name = @name)`
      const values = {
        projectId,
        sha,
        all: Number(filter.all),
        pipelineId: filter.pipelineId ?? null,
        ref: filter.ref ?? null,
        stage: filter.stage ?? null,
        name: filter.name ?? null,
      }
      const direction = order.descending ? 'desc' : 'asc'
      const by = order.by === 'id' ? '' : `jobs.pipeline_id ${direction}, `
      const rows = database
        .prepare<unknown[], Row>(
          `select ${columns} ${from} order by ${by}jobs.id ${direction} limit @limit offset @offset`,
        )
        .all({ ...values, limit: page.limit, offset: page.offset })
      const count = database
        .prepare<unknown[], { total: number }>(`select count(*) as total ${from}`)
        .get(values)
      return { statuses: rows.flatMap((row) => fromRow(row) ?? []), total: count?.total ?? 0 }
    },
  }
}

function fromRow(row: Row | undefined): CommitStatusRow | undefined {
  return row && { ...row, allowFailure: row.allowFailure === 1 }
}
