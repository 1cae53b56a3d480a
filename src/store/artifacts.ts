import { lazily, type Database } from './database.ts'

export interface ArtifactRow {
  readonly id: number
  readonly jobId: number
  readonly kind: 'archive'
  readonly name: string | null
  /** Relative to the state folder. */
  readonly path: string
  readonly size: number
  readonly files: number
  readonly expiresAt: number | null
}

export function artifactsTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[number, string, string | null, string, number, number, number, number | null]>(
      'insert into artifacts (job_id, kind, name, path, size, files, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  )
  const ofJob = lazily(() =>
    database.prepare<[number], ArtifactRow>(
      'select id, job_id as jobId, kind, name, path, size, files, expires_at as expiresAt from artifacts where job_id = ? order by id',
    ),
  )
  const total = lazily(() =>
    database.prepare<[number], { bytes: number | null }>(
      'select sum(size) as bytes from artifacts join jobs on jobs.id = job_id where pipeline_id = ?',
    ),
  )
  return {
    add: (row: Omit<ArtifactRow, 'id'>, now: number): void =>
      void insert().run(row.jobId, row.kind, row.name, row.path, row.size, row.files, now, row.expiresAt),
    ofJob: (jobId: number): ArtifactRow[] => ofJob().all(jobId),
    bytesOfPipeline: (pipelineId: number): number => total().get(pipelineId)?.bytes ?? 0,
  }
}
