import type { Pipeline } from '../model/pipeline.ts'
import type { PipelineSource } from '../model/source.ts'
import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

type Row = Omit<Pipeline, 'tag'> & { readonly tag: number }

const columns = `id, iid, project_id as projectId, ref, tag, sha, snapshot_sha as snapshotSha, before_sha as beforeSha, source, status,
  name, config_error as configError, config_sha256 as configSha256, user_id as userId, trigger_id as triggerId, parent_job_id as parentJobId,
  created_at as createdAt, updated_at as updatedAt, started_at as startedAt, finished_at as finishedAt`

export interface NewPipeline {
  readonly projectId: number
  readonly iid: number
  readonly owner: number
  readonly ref: string
  readonly tag: boolean
  readonly sha: string
  readonly snapshotSha: string | null
  readonly beforeSha: string
  readonly source: PipelineSource
  readonly sourceKey: string | null
  readonly status: Status
  readonly name: string | null
  readonly configError: string | null
  readonly configSha256: string | null
  /** `all`: one failed job cancels the others. */
  readonly onJobFailure: 'none' | 'all'
  readonly userId: number | null
  readonly triggerId: number | null
  readonly createdAt: number
  readonly finishedAt: number | null
}

/** Lists are filtered by these; a missing one does not filter. Times are milliseconds since the epoch, exclusive. */
export interface PipelineFilter {
  readonly statuses?: readonly Status[]
  readonly ref?: string
  readonly sha?: string
  /** GitLab leaves child pipelines out unless their source is asked for. */
  readonly source?: PipelineSource
  readonly name?: string
  readonly userId?: number
  readonly yamlErrors?: boolean
  readonly createdAfter?: number
  readonly createdBefore?: number
  readonly updatedAfter?: number
  readonly updatedBefore?: number
  /** Only the newest pipeline of each of these branches, or of these tags. */
  readonly latestOf?: { readonly tag: boolean; readonly refs: readonly string[] }
}

export interface PipelineOrder {
  readonly by: 'id' | 'status' | 'ref' | 'updated_at' | 'user_id'
  readonly descending: boolean
}

/** Counting stops here: GitLab gives no totals for longer lists, and a list of many must not cost a pass over all of them. */
const COUNT_LIMIT = 10_000

export function pipelinesTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[Omit<NewPipeline, 'tag'> & { tag: number }]>(
      `insert into pipelines (project_id, iid, owner, ref, tag, sha, snapshot_sha, before_sha, source, source_key, status, name,
         config_error, config_sha256, on_job_failure, user_id, trigger_id, created_at, updated_at, finished_at)
       values (@projectId, @iid, @owner, @ref, @tag, @sha, @snapshotSha, @beforeSha, @source, @sourceKey, @status, @name,
         @configError, @configSha256, @onJobFailure, @userId, @triggerId, @createdAt, @createdAt, @finishedAt)`,
    ),
  )
  const find = lazily(() => database.prepare<[number], Row>(`select ${columns} from pipelines where id = ?`))
  const setStatus = lazily(() =>
    database.prepare<[{ id: number; status: Status; now: number; started: number; finished: number | null }]>(
      `update pipelines set status = @status, updated_at = @now, finished_at = @finished,
         started_at = case when started_at is null and @started then @now else started_at end
       where id = @id`,
    ),
  )
  const unfinished = lazily(() =>
    database.prepare<[number], { id: number }>(
      'select id from pipelines where owner = ? and finished_at is null order by id',
    ),
  )
  const onJobFailure = lazily(() =>
    database.prepare<[number], { onJobFailure: 'none' | 'all' }>(
      'select on_job_failure as onJobFailure from pipelines where id = ?',
    ),
  )
  const adopt = lazily(() =>
    database.prepare<[number, number]>(
      'update pipelines set owner = ? where owner = ? and finished_at is null',
    ),
  )
  const newest = lazily(() =>
    database.prepare<[number, number], Row>(
      `select ${columns} from pipelines where project_id = ? order by id desc limit ?`,
    ),
  )
  const settledIds = lazily(() =>
    database.prepare<[], { id: number }>(
      `select id from pipelines where finished_at is not null or status = 'manual' order by id desc`,
    ),
  )
  const remove = lazily(() => database.prepare<[number]>('delete from pipelines where id = ?'))
  return {
    add: (pipeline: NewPipeline): number =>
      Number(insert().run({ ...pipeline, tag: Number(pipeline.tag) }).lastInsertRowid),
    find: (id: number): Pipeline | undefined => fromRow(find().get(id)),
    /** One page of a project's pipelines, and how many there are in all: null when they are over 10,000. */
    page(
      projectId: number,
      filter: PipelineFilter,
      order: PipelineOrder,
      page: { readonly limit: number; readonly offset: number },
    ): { pipelines: Pipeline[]; total: number | null } {
      const wanted = conditionsOf(projectId, filter)
      const where = ['project_id = ?', ...wanted.map((condition) => condition.sql)].join(' and ')
      const values = [projectId, ...wanted.flatMap((condition) => condition.values)]
      const direction = order.descending ? 'desc' : 'asc'
      const by = order.by === 'id' ? `id ${direction}` : `${order.by} ${direction}, id ${direction}`
      const rows = database
        .prepare<unknown[], Row>(
          `select ${columns} from pipelines where ${where} order by ${by} limit ? offset ?`,
        )
        .all(...values, page.limit, page.offset)
      const count = database
        .prepare<unknown[], { total: number }>(
          `select count(*) as total from (select 1 from pipelines where ${where} limit ${COUNT_LIMIT + 1})`,
        )
        .get(...values)
      const total = count?.total ?? 0
      return {
        pipelines: rows.flatMap((row) => fromRow(row) ?? []),
        total: total > COUNT_LIMIT ? null : total,
      }
    },
    newest: (projectId: number, limit: number): Pipeline[] =>
      newest()
        .all(projectId, limit)
        .flatMap((row) => fromRow(row) ?? []),
    setStatus(
      id: number,
      status: Status,
      now: number,
      options: { readonly started: boolean; readonly finished: boolean },
    ): void {
      setStatus().run({
        id,
        status,
        now,
        started: Number(options.started),
        finished: options.finished ? now : null,
      })
    },
    onJobFailureOf: (id: number): 'none' | 'all' => onJobFailure().get(id)?.onJobFailure ?? 'none',
    unfinishedOf: (owner: number): number[] =>
      unfinished()
        .all(owner)
        .map((row) => row.id),
    /** Hands the unfinished pipelines of a dead process to a living one. */
    adopt: (from: number, to: number): void => void adopt().run(to, from),
    /** Those that nothing moves on but a person, newest first. */
    settledIds: (): number[] =>
      settledIds()
        .all()
        .map((row) => row.id),
    /** Removes a pipeline with all its rows. */
    remove: (id: number): void => void remove().run(id),
  }
}

interface Condition {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

function conditionsOf(projectId: number, filter: PipelineFilter): Condition[] {
  const { latestOf } = filter
  return [
    filter.source === undefined
      ? [{ sql: "source <> 'parent_pipeline'", values: [] }]
      : [{ sql: 'source = ?', values: [filter.source] }],
    filter.statuses === undefined ? [] : [among('status', filter.statuses)],
    compared('ref = ?', filter.ref),
    compared('sha = ?', filter.sha),
    compared('name = ?', filter.name),
    compared('user_id = ?', filter.userId),
    compared('created_at > ?', filter.createdAfter),
    compared('created_at < ?', filter.createdBefore),
    compared('updated_at > ?', filter.updatedAfter),
    compared('updated_at < ?', filter.updatedBefore),
    filter.yamlErrors === undefined
      ? []
      : [{ sql: `config_error is ${filter.yamlErrors ? 'not ' : ''}null`, values: [] }],
    latestOf === undefined
      ? []
      : [
          {
            sql: `id in (select max(id) from pipelines where project_id = ? and tag = ?
                  and ref in (select value from json_each(?)) and source <> 'parent_pipeline' group by ref)`,
            values: [projectId, Number(latestOf.tag), JSON.stringify(latestOf.refs)],
          },
        ],
  ].flat()
}

function compared(sql: string, value: string | number | undefined): Condition[] {
  return value === undefined ? [] : [{ sql, values: [value] }]
}

function among(column: string, words: readonly string[]): Condition {
  return { sql: `${column} in (select value from json_each(?))`, values: [JSON.stringify(words)] }
}

function fromRow(row: Row | undefined): Pipeline | undefined {
  return row && { ...row, tag: row.tag === 1 }
}
