import { lazily, type Database } from './database.ts'

/** What the database remembers of a project; the rest is configuration. */
export interface ProjectRow {
  readonly id: number
  readonly name: string
  readonly path: string
  readonly defaultBranch: string
  readonly createdAt: number
}

export function projectsTable(database: Database) {
  const columns = 'id, name, path, default_branch as defaultBranch, created_at as createdAt'
  const upsert = lazily(() =>
    database.prepare<[number, string, string, string, number]>(
      `insert into projects (id, name, path, default_branch, created_at) values (?, ?, ?, ?, ?)
       on conflict (id) do update set name = excluded.name, path = excluded.path, default_branch = excluded.default_branch`,
    ),
  )
  const freeName = lazily(() =>
    database.prepare<[string, number]>(
      `update projects set name = name || ' (project ' || id || ')' where name = ? and id <> ?`,
    ),
  )
  const forgetMoves = lazily(() =>
    database.prepare<[string, number]>(
      'delete from project_paths where path in (?, (select name from projects where id = ?))',
    ),
  )
  const find = lazily(() =>
    database.prepare<[number], ProjectRow>(`select ${columns} from projects where id = ?`),
  )
  const ids = lazily(() => database.prepare<[], { id: number }>('select id from projects order by id'))
  const nextIid = lazily(() =>
    database.prepare<[number], { iid: number }>(
      'update projects set last_pipeline_iid = last_pipeline_iid + 1 where id = ? returning last_pipeline_iid as iid',
    ),
  )
  const giveBack = lazily(() =>
    database.prepare<[number, number]>(
      'update projects set last_pipeline_iid = last_pipeline_iid - 1 where id = ? and last_pipeline_iid = ?',
    ),
  )
  const lastIid = lazily(() =>
    database.prepare<[number], { iid: number }>('select last_pipeline_iid as iid from projects where id = ?'),
  )
  const moved = lazily(() =>
    database.prepare<[string], { id: number }>('select project_id as id from project_paths where path = ?'),
  )
  return {
    /** The project that had this full path before it was given another one. */
    movedFrom: (path: string): number | undefined => moved().get(path)?.id,
    /** 0 before the first pipeline. */
    lastPipelineIid: (id: number): number => lastIid().get(id)?.iid ?? 0,
    /** Names are taken from who had them: that project gets another in the same transaction, or is served no more. */
    put(row: Omit<ProjectRow, 'createdAt'>, now: number): void {
      if (find().get(row.id)?.name !== row.name) {
        freeName().run(row.name, row.id)
        // Also the old name, for which the trigger adds a row: inside an upsert its `or replace` does not count.
        forgetMoves().run(row.name, row.id)
      }
      upsert().run(row.id, row.name, row.path, row.defaultBranch, now)
    },
    find: (id: number): ProjectRow | undefined => find().get(id),
    ids: (): number[] =>
      ids()
        .all()
        .map(({ id }) => id),
    /** Claims the next pipeline number of a project: from 1, without gaps, whatever is pruned. */
    nextPipelineIid(id: number): number {
      const row = nextIid().get(id)
      if (!row) throw new Error(`project ${id} is not in the database`)
      return row.iid
    },
    /** Frees a number that no pipeline came to have, when it is still the newest. */
    giveBackPipelineIid: (id: number, iid: number): void => void giveBack().run(id, iid),
  }
}
