import type { Pipeline } from '../model/pipeline.ts'
import type { PipelineSource } from '../model/source.ts'
import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'
import { conditionsOf, type PipelineFilter } from './pipeline-filter.ts'

type Row = Omit<Pipeline, 'tag'> & { readonly tag: number }

const columns = `id, iid, project_id as projectId, ref, tag, sha, snapshot_sha as snapshotSha, before_sha as beforeSha, source, status,
  name, config_error as configError, config_sha256 as configSha256, user_id as userId, trigger_id as triggerId, parent_job_id as parentJobId, schedule_id as scheduleId,
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
  readonly onNewCommit: 'conservative' | 'interruptible' | 'none'
  readonly parentJobId: number | null
  readonly scheduleId: number | null
  /** JSON of the command's `childConfig`. */
  readonly childConfig: string | null
  readonly userId: number | null
  readonly triggerId: number | null
  readonly createdAt: number
  readonly finishedAt: number | null
}

export interface PipelineOwnership {
  readonly owner: number | null
  readonly touched: 0 | 1
  readonly projectId: number
  readonly status: Status
}

/** What decides whether a newer commit cancels a pipeline. */
export interface RedundantPipeline {
  readonly id: number
  readonly sha: string
  readonly source: PipelineSource
  readonly parentJobId: number | null
  readonly createdAt: number
  readonly onNewCommit: 'conservative' | 'interruptible' | 'none'
}

export interface PipelineOrder {
  readonly by: 'id' | 'status' | 'ref' | 'updated_at' | 'user_id'
  readonly descending: boolean
}

const MANY = 2000

/** Counting stops here: GitLab gives no totals for longer lists, and a list of many must not cost a pass over all of them. */
const COUNT_LIMIT = 10_000

export function pipelinesTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[Omit<NewPipeline, 'tag'> & { tag: number }]>(
      `insert into pipelines (project_id, iid, owner, ref, tag, sha, snapshot_sha, before_sha, source, source_key, status, name,
         config_error, config_sha256, on_job_failure, on_new_commit, parent_job_id, schedule_id, child_config, user_id, trigger_id,
         created_at, updated_at, finished_at)
       values (@projectId, @iid, @owner, @ref, @tag, @sha, @snapshotSha, @beforeSha, @source, @sourceKey, @status, @name,
         @configError, @configSha256, @onJobFailure, @onNewCommit, @parentJobId, @scheduleId, @childConfig, @userId, @triggerId,
         @createdAt, @createdAt, @finishedAt)`,
    ),
  )
  const find = lazily(() => database.prepare<[number], Row>(`select ${columns} from pipelines where id = ?`))
  const bySourceKey = lazily(() =>
    database.prepare<[string], Row>(`select ${columns} from pipelines where source_key = ?`),
  )
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
  const countUnfinished = lazily(() =>
    database.prepare<[number], { count: number }>(
      'select count(*) as count from (select 1 from pipelines where finished_at is null limit ?)',
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
  const ownership = lazily(() =>
    database.prepare<[number], PipelineOwnership>(
      'select owner, touched, project_id as projectId, status from pipelines where id = ?',
    ),
  )
  const setOwner = lazily(() =>
    database.prepare<[number, number]>('update pipelines set owner = ?, touched = 1 where id = ?'),
  )
  const setTouched = lazily(() =>
    database.prepare<[number, number]>('update pipelines set touched = ? where id = ?'),
  )
  const touched = lazily(() =>
    database.prepare<[number], { id: number }>('select id from pipelines where owner = ? and touched = 1'),
  )
  const childrenOf = lazily(() =>
    database.prepare<[number], { id: number }>(
      `select pipelines.id from pipelines join jobs on jobs.id = pipelines.parent_job_id
       where jobs.pipeline_id = ? and pipelines.source = 'parent_pipeline' order by pipelines.id`,
    ),
  )
  const startedBy = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from pipelines where parent_job_id = ? order by id desc limit 1`,
    ),
  )
  const startedFrom = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from pipelines where parent_job_id in (select id from jobs where pipeline_id = ?) order by id`,
    ),
  )
  const newestOfCommit = lazily(() =>
    database.prepare<[number, string, string], Row>(
      `select ${columns} from pipelines where project_id = ? and ref = ? and sha = ? and source <> 'parent_pipeline'
       order by id desc limit 1`,
    ),
  )
  const redundant = lazily(() =>
    // Two ranges instead of <>, and no range of ids: those of its own commit may be many, and are not looked at.
    database.prepare<
      [Pick<Pipeline, 'projectId' | 'ref' | 'sha' | 'id'> & { tag: number; owner: number }],
      RedundantPipeline
    >(
      ['<', '>']
        .map(
          (other) =>
            `select id, sha, source, parent_job_id as parentJobId, created_at as createdAt, on_new_commit as onNewCommit
             from pipelines where project_id = @projectId and ref = @ref and sha ${other} @sha and finished_at is null
               and tag = @tag and owner = @owner and +id < @id`,
        )
        .join(' union all ') + ' order by id',
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
  const updatedBetween = lazily(() =>
    database.prepare<[number, number, number, number], { count: number }>(
      `select count(*) as count from (select 1 from pipelines
       where project_id = ? and updated_at > ? and updated_at < ? limit ?)`,
    ),
  )

  /** Whether so much changed in the wanted time that sorting it would cost more than looking at everything in order. */
  function changedMany(projectId: number, { updatedAfter, updatedBefore }: PipelineFilter): boolean {
    if (updatedAfter === undefined && updatedBefore === undefined) return false
    const [from, to] = [updatedAfter ?? 0, updatedBefore ?? Number.MAX_SAFE_INTEGER]
    return (updatedBetween().get(projectId, from, to, MANY)?.count ?? 0) >= MANY
  }
  const rename = lazily(() =>
    database.prepare<[string, number, number]>('update pipelines set name = ?, updated_at = ? where id = ?'),
  )
  return {
    add: (pipeline: NewPipeline): number =>
      Number(insert().run({ ...pipeline, tag: Number(pipeline.tag) }).lastInsertRowid),
    find: (id: number): Pipeline | undefined => fromRow(find().get(id)),
    /** What a source that could repeat itself has made already. */
    findBySourceKey: (key: string): Pipeline | undefined => fromRow(bySourceKey().get(key)),
    /** One page of a project's pipelines, and how many there are in all: null when they are over 10,000. */
    page(
      projectId: number,
      filter: PipelineFilter,
      order: PipelineOrder,
      page: { readonly limit: number; readonly offset: number },
    ): { pipelines: Pipeline[]; total: number | null } {
      const wanted = conditionsOf(projectId, filter, order.by === 'id' && changedMany(projectId, filter))
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
    /** Whether at least so many have not finished, over all projects. */
    countUnfinished: (most: number): number => countUnfinished().get(most)?.count ?? 0,
    /** Hands the unfinished pipelines of a dead process to a living one. */
    adopt: (from: number, to: number): void => void adopt().run(to, from),
    /** What says whether a process may believe its picture of a pipeline. */
    ownershipOf: (id: number): PipelineOwnership | undefined => ownership().get(id),
    /** The new owner looks at the rows again. */
    setOwner: (id: number, owner: number): void => void setOwner().run(owner, id),
    /** Says, or takes back, that somebody else than the owner has changed the rows. */
    setTouched: (id: number, changed: boolean): void => void setTouched().run(Number(changed), id),
    touchedOf: (owner: number): number[] =>
      touched()
        .all(owner)
        .map((row) => row.id),
    /** The child pipelines that a pipeline's bridges started, oldest first; not those in other projects. */
    childrenOf: (id: number): number[] =>
      childrenOf()
        .all(id)
        .map((row) => row.id),
    /** The newest pipeline that a job started: a bridge's downstream pipeline, of whatever project. */
    startedBy: (jobId: number): Pipeline | undefined => fromRow(startedBy().get(jobId)),
    /** All pipelines that jobs of a pipeline started, those in other projects too, oldest first. */
    startedFrom: (id: number): Pipeline[] =>
      startedFrom()
        .all(id)
        .flatMap((row) => fromRow(row) ?? []),
    /** The newest pipeline of a ref at a commit; child pipelines do not count. */
    newestOfCommit: (projectId: number, ref: string, sha: string): Pipeline | undefined =>
      fromRow(newestOfCommit().get(projectId, ref, sha)),
    /** Unfinished pipelines of a process that are older than another of the same ref and of another commit, oldest first. */
    olderOfRef: ({ projectId, ref, tag, sha, id }: Pipeline, owner: number): RedundantPipeline[] =>
      redundant().all({ projectId, ref, tag: Number(tag), sha, id, owner }),
    /** Those that nothing moves on but a person, newest first. */
    settledIds: (): number[] =>
      settledIds()
        .all()
        .map((row) => row.id),
    rename: (id: number, name: string, now: number): void => void rename().run(name, now, id),
    /** Removes a pipeline with all its rows. */
    remove: (id: number): void => void remove().run(id),
  }
}

function fromRow(row: Row | undefined): Pipeline | undefined {
  return row && { ...row, tag: row.tag === 1 }
}
