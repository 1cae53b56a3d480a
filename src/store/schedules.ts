import type { MissedPolicy, Schedule, ScheduleVariable } from '../model/schedule.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

type Row = Omit<Schedule, 'active' | 'inputs'> & { readonly active: number; readonly inputs: string }

const columns = `id, project_id as projectId, description, ref, cron, timezone, active, owner_id as ownerId, inputs, missed,
  next_run_at as nextRunAt, last_run_at as lastRunAt, last_error as lastError, missed_runs as missedRuns, declared_at as declaredAt,
  created_at as createdAt, updated_at as updatedAt`

/** What a person writes of a schedule, and the instant that follows from it. */
export interface ScheduleContent {
  readonly description: string
  readonly ref: string
  readonly cron: string
  readonly timezone: string
  readonly active: boolean
  readonly ownerId: number | null
  readonly inputs: Readonly<Record<string, unknown>>
  readonly missed: MissedPolicy
  readonly nextRunAt: number | null
}

export interface NewSchedule extends ScheduleContent {
  readonly projectId: number
  /** What it is called in the configuration file, and where that is; null: it is not declared. */
  readonly declared: { readonly key: string; readonly at: string } | null
}

/** What came of a look at a schedule that was due. */
export interface ScheduleRun {
  readonly lastRunAt: number
  readonly nextRunAt: number | null
  readonly lastError: string | null
  readonly missedRuns: number
}

export interface ScheduleFilter {
  readonly active?: boolean
}

interface VariableRow {
  readonly key: string
  readonly valueSealed: Buffer
  readonly type: 'env_var' | 'file'
  readonly raw: number
}

export function schedulesTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `insert into schedules (project_id, description, ref, cron, timezone, active, owner_id, inputs, missed, next_run_at,
         declared_key, declared_at, created_at, updated_at)
       values (@projectId, @description, @ref, @cron, @timezone, @active, @ownerId, @inputs, @missed, @nextRunAt,
         @declaredKey, @declaredAt, @now, @now)`,
    ),
  )
  const update = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `update schedules set description = @description, ref = @ref, cron = @cron, timezone = @timezone, active = @active,
         owner_id = @ownerId, inputs = @inputs, missed = @missed, next_run_at = @nextRunAt, declared_at = @declaredAt, updated_at = @now
       where id = @id`,
    ),
  )
  const find = lazily(() => database.prepare<[number], Row>(`select ${columns} from schedules where id = ?`))
  const count = lazily(() =>
    database.prepare<[number], { count: number }>(
      'select count(*) as count from schedules where project_id = ?',
    ),
  )
  const declared = lazily(() =>
    database.prepare<[number], { id: number; key: string }>(
      'select id, declared_key as key from schedules where project_id = ? and declared_key is not null',
    ),
  )
  const remove = lazily(() => database.prepare<[number]>('delete from schedules where id = ?'))
  const due = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from schedules where active = 1 and next_run_at <= ? order by next_run_at, id`,
    ),
  )
  const ahead = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from schedules where active = 1 and (next_run_at > ? or next_run_at is null) order by id`,
    ),
  )
  const advance = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `update schedules set last_run_at = @lastRunAt, next_run_at = @nextRunAt, last_error = @lastError, missed_runs = @missedRuns
       where id = @id`,
    ),
  )
  const reset = lazily(() =>
    database.prepare<[number | null, number]>('update schedules set next_run_at = ? where id = ?'),
  )
  const say = lazily(() =>
    database.prepare<[string | null, number]>('update schedules set last_error = ? where id = ?'),
  )
  const move = lazily(() =>
    database.prepare<[string, number]>('update schedules set declared_at = ? where id = ?'),
  )
  const variables = lazily(() =>
    database.prepare<[number], VariableRow>(
      `select key, value_sealed as valueSealed, variable_type as type, raw from schedule_variables where schedule_id = ? order by position`,
    ),
  )
  const putVariable = lazily(() =>
    database.prepare<[Record<string, string | number | Buffer>]>(
      `insert into schedule_variables (schedule_id, key, value_sealed, variable_type, raw, position)
       values (@id, @key, @valueSealed, @type, @raw, (select coalesce(max(position), 0) + 1 from schedule_variables where schedule_id = @id))
       on conflict (schedule_id, key) do update set value_sealed = excluded.value_sealed, variable_type = excluded.variable_type, raw = excluded.raw`,
    ),
  )
  const removeVariable = lazily(() =>
    database.prepare<[number, string]>('delete from schedule_variables where schedule_id = ? and key = ?'),
  )
  const clearVariables = lazily(() =>
    database.prepare<[number]>('delete from schedule_variables where schedule_id = ?'),
  )

  return {
    add: (schedule: NewSchedule, now: number): number =>
      Number(
        insert().run({
          ...written(schedule),
          projectId: schedule.projectId,
          declaredKey: schedule.declared?.key ?? null,
          declaredAt: schedule.declared?.at ?? null,
          now,
        }).lastInsertRowid,
      ),
    update: (id: number, content: ScheduleContent, declaredAt: string | null, now: number): void =>
      void update().run({ ...written(content), id, declaredAt, now }),
    find: (id: number): Schedule | undefined => fromRow(find().get(id)),
    countOf: (projectId: number): number => count().get(projectId)?.count ?? 0,
    /** One page of a project's schedules, the newest first as GitLab lists them, and how many there are. */
    page(
      projectId: number,
      filter: ScheduleFilter,
      page: { readonly limit: number; readonly offset: number },
    ): { schedules: Schedule[]; total: number } {
      const where = filter.active === undefined ? 'project_id = ?' : 'project_id = ? and active = ?'
      const values = filter.active === undefined ? [projectId] : [projectId, Number(filter.active)]
      const rows = database
        .prepare<unknown[], Row>(
          `select ${columns} from schedules where ${where} order by id desc limit ? offset ?`,
        )
        .all(...values, page.limit, page.offset)
      const total = database
        .prepare<unknown[], { total: number }>(`select count(*) as total from schedules where ${where}`)
        .get(...values)
      return { schedules: rows.flatMap((row) => fromRow(row) ?? []), total: total?.total ?? 0 }
    },
    /** The declared schedules of a project: id by what the file calls them. */
    declaredOf: (projectId: number): Map<string, number> =>
      new Map(
        declared()
          .all(projectId)
          .map(({ id, key }) => [key, id]),
      ),
    remove: (id: number): void => void remove().run(id),
    /** Active ones whose instant has come, the longest waiting first. */
    due: (now: number): Schedule[] =>
      due()
        .all(now)
        .flatMap((row) => fromRow(row) ?? []),
    /** Active ones that are not due. */
    planned: (now: number): Schedule[] =>
      ahead()
        .all(now)
        .flatMap((row) => fromRow(row) ?? []),
    recordRun: (id: number, run: ScheduleRun): void => void advance().run({ id, ...run }),
    setNextRun: (id: number, nextRunAt: number | null): void => void reset().run(nextRunAt, id),
    /** Why it made no pipeline the last time. */
    setLastError: (id: number, lastError: string | null): void => void say().run(lastError, id),
    /** Where it stands in the configuration file; for GitLab's clients nothing has changed. */
    setDeclaredAt: (id: number, at: string): void => void move().run(at, id),
    variablesOf: (id: number): ScheduleVariable[] =>
      variables()
        .all(id)
        .map(({ key, valueSealed, type, raw }) => ({
          key,
          value: seal.open(valueSealed),
          type,
          raw: raw === 1,
        })),
    putVariable: (id: number, { key, value, type, raw }: ScheduleVariable): void =>
      void putVariable().run({ id, key, valueSealed: seal.seal(value), type, raw: Number(raw) }),
    removeVariable: (id: number, key: string): boolean => removeVariable().run(id, key).changes === 1,
    replaceVariables(id: number, list: readonly ScheduleVariable[]): void {
      clearVariables().run(id)
      for (const variable of list) this.putVariable(id, variable)
    },
  }
}

function written(content: ScheduleContent): Record<string, string | number | null> {
  const { description, ref, cron, timezone, active, ownerId, inputs, missed, nextRunAt } = content
  return {
    description,
    ref,
    cron,
    timezone,
    active: Number(active),
    ownerId,
    inputs: JSON.stringify(inputs),
    missed,
    nextRunAt,
  }
}

function fromRow(row: Row | undefined): Schedule | undefined {
  return (
    row && {
      ...row,
      active: row.active === 1,
      inputs: JSON.parse(row.inputs) as Record<string, unknown>,
    }
  )
}
