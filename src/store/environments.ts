import { lazily, type Database } from './database.ts'

/** GitLab: `stopping` until the stop jobs have succeeded. */
export type EnvironmentState = 'available' | 'stopping' | 'stopped'

/** A row of `environments`. Times are milliseconds since the epoch. */
export interface EnvironmentRow {
  readonly id: number
  readonly projectId: number
  readonly name: string
  readonly slug: string
  readonly externalUrl: string | null
  readonly tier: string
  readonly state: EnvironmentState
  readonly autoStopAt: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface EnvironmentFilter {
  /** The whole name; null: any. */
  readonly name: string | null
  /** Part of the name; null: any. */
  readonly search: string | null
  /** Empty: any. */
  readonly states: readonly EnvironmentState[]
}

const columns = `id, project_id as projectId, name, slug, external_url as externalUrl, tier, state,
  auto_stop_at as autoStopAt, created_at as createdAt, updated_at as updatedAt`

export function environmentsTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[number, string, string, string, number | null, number, number]>(
      `insert into environments (project_id, name, slug, tier, auto_stop_at, created_at, updated_at)
       values (?, ?, ?, ?, ?, ?, ?) on conflict (project_id, name) do nothing`,
    ),
  )
  const find = lazily(() =>
    database.prepare<[number], EnvironmentRow>(`select ${columns} from environments where id = ?`),
  )
  const byName = lazily(() =>
    database.prepare<[number, string], EnvironmentRow>(
      `select ${columns} from environments where project_id = ? and name = ?`,
    ),
  )
  const ofProject = lazily(() =>
    database.prepare<[number], EnvironmentRow>(
      `select ${columns} from environments where project_id = ? order by name`,
    ),
  )
  const deployed = lazily(() =>
    database.prepare<[string | null, string | null, number, number]>(
      `update environments set state = 'available', external_url = coalesce(?, external_url), tier = coalesce(?, tier),
         updated_at = ? where id = ?`,
    ),
  )
  const edited = lazily(() =>
    database.prepare<[string | null, string | null, number, number]>(
      'update environments set external_url = coalesce(?, external_url), tier = coalesce(?, tier), updated_at = ? where id = ?',
    ),
  )
  const setState = lazily(() =>
    database.prepare<[EnvironmentState, EnvironmentState, number, number]>(
      `update environments set state = ?, auto_stop_at = case when ? = 'available' then auto_stop_at end,
         updated_at = ? where id = ?`,
    ),
  )
  const setAutoStop = lazily(() =>
    database.prepare<[number | null, number, number]>(
      'update environments set auto_stop_at = ?, updated_at = ? where id = ?',
    ),
  )
  const due = lazily(() =>
    database.prepare<[number], EnvironmentRow>(
      `select ${columns} from environments where auto_stop_at <= ? and state = 'available' order by auto_stop_at`,
    ),
  )
  const nextStop = lazily(() =>
    database.prepare<[], { at: number | null }>(
      `select min(auto_stop_at) as at from environments where auto_stop_at is not null and state = 'available'`,
    ),
  )
  const remove = lazily(() => database.prepare<[number]>('delete from environments where id = ?'))

  function findByName(projectId: number, name: string): EnvironmentRow | undefined {
    return byName().get(projectId, name)
  }

  return {
    /** The environment of this name; made when there is none. */
    ensure(
      environment: Pick<EnvironmentRow, 'projectId' | 'name' | 'slug' | 'tier' | 'autoStopAt'>,
      now: number,
    ): EnvironmentRow {
      const { projectId, name, slug, tier, autoStopAt } = environment
      insert().run(projectId, name, slug, tier, autoStopAt, now, now)
      const row = findByName(projectId, name)
      if (!row) throw new Error(`environment ${name} was not made`)
      return row
    },
    find: (id: number): EnvironmentRow | undefined => find().get(id),
    findByName,
    ofProject: (projectId: number): EnvironmentRow[] => ofProject().all(projectId),
    /** One page by name, and how many there are. */
    page(
      projectId: number,
      filter: EnvironmentFilter,
      page: { readonly limit: number; readonly offset: number },
    ): { environments: EnvironmentRow[]; total: number } {
      const where = `project_id = @projectId and (@name is null or name = @name)
        and (@search is null or instr(lower(name), lower(@search)) > 0)
        and (@any or state in (select value from json_each(@states)))`
      const values = {
        projectId,
        name: filter.name,
        search: filter.search,
        any: Number(filter.states.length === 0),
        states: JSON.stringify(filter.states),
      }
      const environments = database
        .prepare<unknown[], EnvironmentRow>(
          `select ${columns} from environments where ${where} order by name limit @limit offset @offset`,
        )
        .all({ ...values, ...page })
      const count = database
        .prepare<unknown[], { total: number }>(`select count(*) as total from environments where ${where}`)
        .get(values)
      return { environments, total: count?.total ?? 0 }
    },
    /** After a deployment: available again, with its address and tier where they were given. */
    recordDeployment: (
      id: number,
      given: { readonly externalUrl: string | null; readonly tier: string | null },
      now: number,
    ): void => void deployed().run(given.externalUrl, given.tier, now, id),
    /** By hand: what is null stays. */
    edit: (
      id: number,
      given: { readonly externalUrl: string | null; readonly tier: string | null },
      now: number,
    ): void => void edited().run(given.externalUrl, given.tier, now, id),
    /** One that is stopping or stopped has no time to stop any more. */
    setState: (id: number, state: EnvironmentState, now: number): void =>
      void setState().run(state, state, now, id),
    setAutoStopAt: (id: number, at: number | null, now: number): void => void setAutoStop().run(at, now, id),
    dueToStop: (now: number): EnvironmentRow[] => due().all(now),
    nextStopAt: (): number | null => nextStop().get()?.at ?? null,
    remove: (id: number): void => void remove().run(id),
  }
}
