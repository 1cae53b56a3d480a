import Sqlite from 'better-sqlite3'
import { join } from 'node:path'

export interface JobRow {
  readonly id: number
  readonly pipelineId: number
  readonly name: string
  readonly stageIndex: number
  readonly when: string
  readonly allowFailure: boolean
  readonly scheduling: 'stage' | 'dag'
  readonly status: string
  readonly reason: string | null
  readonly exitCode: number | null
  readonly retried: boolean
  readonly attempt: number
  readonly kind: 'build' | 'bridge'
  readonly group: string | null
  readonly enqueueNow: boolean
  readonly interruptible: boolean
  readonly scheduledAt: number | null
  readonly updatedAt: number
}

export interface PipelineRow {
  readonly id: number
  readonly iid: number
  readonly name: string
  readonly status: string
  readonly sha: string
  readonly source: string
  readonly parentJobId: number | null
  readonly createdAt: number
  readonly finishedAt: number | null
}

/** All rows at one instant, as committed. */
export interface Picture {
  readonly jobs: ReadonlyMap<number, JobRow>
  readonly pipelines: ReadonlyMap<number, PipelineRow>
}

/** Reads through a connection of its own, so that it sees what is committed and nothing else. */
export interface Rows {
  picture(): Picture
  modeOf(group: string): string
  lastIid(): number
  /** Makes the database as new. */
  wipe(): void
  close(): void
}

type Raw = readonly (string | number | null)[]

export function openRows(stateDir: string): Rows {
  const database = new Sqlite(join(stateDir, 'sluice.db'))
  database.pragma('foreign_keys = off')
  const jobs = database
    .prepare<[], Raw>(
      `select id, pipeline_id, name, stage_index, "when", allow_failure, scheduling, status, failure_reason, exit_code, retried, attempt,
       kind, resource_group, enqueue_now, interruptible, scheduled_at, updated_at from jobs order by id`,
    )
    .raw() as unknown as { all(): Raw[] }
  const pipelines = database.prepare<[], PipelineRow>(
    `select id, iid, name, status, sha, source, parent_job_id as parentJobId, created_at as createdAt, finished_at as finishedAt
     from pipelines order by id`,
  )
  const mode = database
    .prepare<[string], string>('select process_mode from resource_groups where key = ?')
    .pluck()
  const iid = database.prepare<[], number>('select last_pipeline_iid from projects where id = 9').pluck()
  const tables = database
    .prepare<[], string>(
      "select name from sqlite_master where type = 'table' and name not in ('users', 'projects')",
    )
    .pluck()
    .all()
  const emptied = tables.map((table) => database.prepare(`delete from "${table}"`))
  const renumber = database.prepare('update projects set last_pipeline_iid = 0')
  const wipe = database.transaction(() => {
    for (const statement of emptied) statement.run()
    renumber.run()
  })
  return {
    picture: () => ({
      jobs: new Map(jobs.all().map((row) => [Number(row[0]), toJob(row)])),
      pipelines: new Map(pipelines.all().map((row) => [row.id, row])),
    }),
    modeOf: (group) => mode.get(group) ?? 'unordered',
    lastIid: () => iid.get() ?? 0,
    wipe: () => wipe.immediate(),
    close: () => void database.close(),
  }
}

function toJob(row: Raw): JobRow {
  const text = (at: number): string => String(row[at])
  const orNull = (at: number): number | null => (row[at] === null ? null : Number(row[at]))
  return {
    id: Number(row[0]),
    pipelineId: Number(row[1]),
    name: text(2),
    stageIndex: Number(row[3]),
    when: text(4),
    allowFailure: row[5] === 1,
    scheduling: row[6] === 'dag' ? 'dag' : 'stage',
    status: text(7),
    reason: row[8] === null ? null : text(8),
    exitCode: orNull(9),
    retried: row[10] === 1,
    attempt: Number(row[11]),
    kind: row[12] === 'bridge' ? 'bridge' : 'build',
    group: row[13] === null ? null : text(13),
    enqueueNow: row[14] === 1,
    interruptible: row[15] === 1,
    scheduledAt: orNull(16),
    updatedAt: Number(row[17]),
  }
}
