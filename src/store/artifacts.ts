import { lazily, type Database } from './database.ts'

/** How the bytes lie on the disk. An archive is a folder, and becomes a zip when somebody asks for one. */
export type ArtifactFormat = 'zip' | 'gzip' | 'raw'

export interface ArtifactRow {
  readonly id: number
  readonly jobId: number
  /** GitLab's `file_type`: `archive`, or the kind of a report. */
  readonly kind: string
  readonly format: ArtifactFormat
  /** As the job named it; of reports the whole file name. */
  readonly name: string | null
  /** Relative to the state folder: of an archive a folder, of a report a file. */
  readonly path: string
  /** Bytes of the content, not of the zip. */
  readonly size: number
  readonly files: number
  readonly createdAt: number
  /** Milliseconds since the epoch; null: never. */
  readonly expiresAt: number | null
}

/** A report of one of a pipeline's jobs. */
export interface ReportRow extends ArtifactRow {
  readonly jobName: string
}

const columns = `artifacts.id, job_id as jobId, artifacts.kind, format, artifacts.name, path, size, files,
  artifacts.created_at as createdAt, expires_at as expiresAt`

/**
 * GitLab (keep the latest artifacts): what the newest success of a ref left stays. Child pipelines do not count as newer; theirs stays
 * while no newer pipeline than they has succeeded.
 */
const isLatest = `(pipelines.status = 'success' and not exists (select 1 from pipelines newer
  where newer.project_id = pipelines.project_id and newer.ref = pipelines.ref and newer.tag = pipelines.tag
    and newer.id > pipelines.id and newer.status = 'success' and newer.source <> 'parent_pipeline'))`

const joined = 'artifacts join jobs on jobs.id = job_id join pipelines on pipelines.id = jobs.pipeline_id'

export function artifactsTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `insert into artifacts (job_id, kind, format, name, path, size, files, created_at, expires_at)
       values (@jobId, @kind, @format, @name, @path, @size, @files, @now, @expiresAt)`,
    ),
  )
  const setJobExpiry = lazily(() =>
    database.prepare<[number | null, number]>('update jobs set artifacts_expire_at = ? where id = ?'),
  )
  const jobExpiry = lazily(() =>
    database.prepare<[number], { at: number | null }>(
      'select artifacts_expire_at as at from jobs where id = ?',
    ),
  )
  const ofJob = lazily(() =>
    database.prepare<[number], ArtifactRow>(`select ${columns} from artifacts where job_id = ? order by id`),
  )
  const total = lazily(() =>
    database.prepare<[number], { bytes: number | null }>(
      'select sum(size) as bytes from artifacts join jobs on jobs.id = job_id where pipeline_id = ?',
    ),
  )
  const reports = lazily(() =>
    database.prepare<[number, string], ReportRow>(
      `select ${columns}, jobs.name as jobName from artifacts join jobs on jobs.id = job_id
       where pipeline_id = ? and artifacts.kind = ? and retried = 0 order by jobs.id, artifacts.id`,
    ),
  )
  const expired = lazily(() =>
    database.prepare<[number, number, number], ArtifactRow>(
      `select ${columns} from ${joined}
       where expires_at <= ? and kept = 0 and pipelines.finished_at is not null and (? = 0 or not ${isLatest})
       order by expires_at limit ?`,
    ),
  )
  const locked = lazily(() =>
    database.prepare<[number], { one: number }>(
      `select 1 as one from jobs join pipelines on pipelines.id = jobs.pipeline_id where jobs.id = ? and ${isLatest}`,
    ),
  )
  const nextExpiry = lazily(() =>
    database.prepare<[number], { at: number | null }>(
      'select min(expires_at) as at from artifacts where expires_at > ? and kept = 0',
    ),
  )
  const keep = lazily(() =>
    database.prepare<[number]>('update artifacts set kept = 1, expires_at = null where job_id = ?'),
  )
  const remove = lazily(() => database.prepare<[number]>('delete from artifacts where id = ?'))
  const expireAll = lazily(() =>
    database.prepare<[number, number, number]>(
      `update artifacts set expires_at = ?, kept = 0 where job_id in (select id from jobs where project_id = ?)
       and (expires_at is null or expires_at > ?)`,
    ),
  )

  function archiveOf(jobId: number): ArtifactRow | undefined {
    return ofJob()
      .all(jobId)
      .find(({ kind }) => kind === 'archive')
  }

  return {
    add(
      row: Omit<ArtifactRow, 'id' | 'createdAt' | 'format'> & { readonly format?: ArtifactFormat },
      now: number,
    ): void {
      insert().run({ format: 'zip', ...row, now })
      setJobExpiry().run(row.expiresAt, row.jobId)
    },
    ofJob: (jobId: number): ArtifactRow[] => ofJob().all(jobId),
    archiveOf,
    bytesOfPipeline: (pipelineId: number): number => total().get(pipelineId)?.bytes ?? 0,
    /** Of the latest attempts, oldest job first. */
    reportsOf: (pipelineId: number, kind: string): ReportRow[] => reports().all(pipelineId, kind),
    /** What of finished pipelines may be removed, longest expired first. `keepLatest`: what a ref's newest success left stays. */
    expired: (now: number, keepLatest: boolean, limit: number): ArtifactRow[] =>
      expired().all(now, Number(keepLatest), limit),
    /** When the next artifact expires after an instant. */
    nextExpiryAfter: (now: number): number | null => nextExpiry().get(now)?.at ?? null,
    /** Whether the job belongs to the newest success of its ref. */
    isLatest: (jobId: number): boolean => locked().get(jobId) !== undefined,
    /** When what the job left expires or expired, also when it is gone; null: never, or nothing was left. */
    expiryOf: (jobId: number): number | null => jobExpiry().get(jobId)?.at ?? null,
    /** Lets everything that a job left stay for ever. */
    keep(jobId: number): void {
      keep().run(jobId)
      setJobExpiry().run(null, jobId)
    },
    /** Lets everything of a project expire at an instant, what was kept too. */
    expireAll: (projectId: number, at: number): void => void expireAll().run(at, projectId, at),
    remove: (id: number): void => void remove().run(id),
  }
}
