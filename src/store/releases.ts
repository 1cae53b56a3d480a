import { lazily, type Database } from './database.ts'

/** What a job's `release` would have published; nobody publishes it here. */
export interface ReleaseRow {
  readonly id: number
  readonly projectId: number
  readonly jobId: number | null
  readonly tagName: string
  readonly name: string
  readonly description: string
  readonly ref: string
  readonly sha: string
  /** Milestones, links and the like, as JSON. */
  readonly details: string
  readonly createdAt: number
}

/** What a `pages` job would have published. */
export interface PagesRow {
  readonly id: number
  readonly projectId: number
  readonly jobId: number
  /** The folder within the job's archive. */
  readonly folder: string
  readonly pathPrefix: string | null
  readonly createdAt: number
}

export function releasesTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `insert into releases (project_id, job_id, tag_name, name, description, ref, sha, details, created_at)
       values (@projectId, @jobId, @tagName, @name, @description, @ref, @sha, @details, @createdAt)
       on conflict (project_id, tag_name) do update set job_id = excluded.job_id, name = excluded.name,
         description = excluded.description, ref = excluded.ref, sha = excluded.sha, details = excluded.details`,
    ),
  )
  const ofProject = lazily(() =>
    database.prepare<[number], ReleaseRow>(
      `select id, project_id as projectId, job_id as jobId, tag_name as tagName, name, description, ref, sha, details,
         created_at as createdAt from releases where project_id = ? order by id desc`,
    ),
  )
  return {
    /** A tag has one release: a later job's words replace those of an earlier one. */
    put: (release: Omit<ReleaseRow, 'id'>): void => void insert().run({ ...release }),
    ofProject: (projectId: number): ReleaseRow[] => ofProject().all(projectId),
  }
}

export function pagesTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `insert into pages_deployments (project_id, job_id, folder, path_prefix, created_at)
       values (@projectId, @jobId, @folder, @pathPrefix, @createdAt)`,
    ),
  )
  const ofProject = lazily(() =>
    database.prepare<[number], PagesRow>(
      `select id, project_id as projectId, job_id as jobId, folder, path_prefix as pathPrefix, created_at as createdAt
       from pages_deployments where project_id = ? order by id desc`,
    ),
  )
  return {
    add: (pages: Omit<PagesRow, 'id'>): void => void insert().run({ ...pages }),
    ofProject: (projectId: number): PagesRow[] => ofProject().all(projectId),
  }
}
