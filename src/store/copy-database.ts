import { openDatabase, openReadOnly, type Database } from './database.ts'
import { foreignShape } from './migrations.ts'
import type { ProcessRow } from './processes.ts'

/** SQLite goes on with a copy at once instead of beginning again whenever somebody writes: all that is left, in one step. */
const ALL_PAGES = 0x7fff_ffff

/**
 * Copies a database that others may be writing to, as it is at one moment, by SQLite's backup API. Rejects when it is damaged or
 * cannot be read.
 */
export async function copyDatabase(file: string, target: string): Promise<void> {
  const source = openReadOnly(file)
  try {
    await source.backup(target, { progress: () => ALL_PAGES })
  } finally {
    source.close()
  }
}

/** What is wrong with a database; undefined when nothing is. */
export function problemOfDatabase(file: string): string | undefined {
  try {
    const database = openReadOnly(file)
    try {
      const found = String(database.pragma('quick_check(1)', { simple: true }))
      return found === 'ok' ? undefined : found
    } finally {
      database.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Why this Sluice cannot open a database that is sound; undefined when it can. */
export function foreignDatabase(file: string): string | undefined {
  const database = openReadOnly(file)
  try {
    return foreignShape(database)
  } finally {
    database.close()
  }
}

/** What is wrong with the database of a backup; undefined when it can be started from. */
export function problemOfBackup(file: string): string | undefined {
  const damage = problemOfDatabase(file)
  return damage === undefined ? foreignDatabase(file) : `it is damaged: ${damage}`
}

/** The processes that did not say goodbye; none when the database cannot be read. */
export function unendedProcessesOf(file: string): ProcessRow[] {
  try {
    const database = openReadOnly(file)
    try {
      return database
        .prepare<[], ProcessRow>(
          'select id, kind, pid, pid_start as pidStart, boot_id as bootId from processes where ended_at is null',
        )
        .all()
    } finally {
      database.close()
    }
  } catch {
    return []
  }
}

/** A time of a schedule that has passed, and how its next is found. */
export interface PassedSchedule {
  readonly id: number
  readonly cron: string
  readonly timezone: string
}

export interface SettleOptions {
  readonly localUserId: number
  /** Ms. */
  readonly now: number
  /** The next time after now; null: none comes. */
  readonly nextRun: (schedule: PassedSchedule) => number | null
}

export interface Settled {
  /** Schedules with a time that passed. */
  readonly schedules: number
  /** The highest id that a job has had: the next ones come after it. */
  readonly lastJob: number
}

/**
 * Makes a copy fit to be started from: whoever worked on it when it was made is gone, and the token that lay in a file
 * beside it, which no backup has, is valid no more. Schedules go on with their next time: what passed since the copy was
 * made may have run, and must not run twice. Its shape stays as it is.
 */
export function settleRestored(file: string, { localUserId, now, nextRun }: SettleOptions): Settled {
  const database = openDatabase(file)
  try {
    const settled = database
      .transaction(() => {
        database.prepare("update processes set boot_id = 'before the restore' where ended_at is null").run()
        database
          .prepare(
            "update access_tokens set revoked_at = ? where user_id = ? and name = 'local' and revoked_at is null",
          )
          .run(now, localUserId)
        return { schedules: skipPassed(database, now, nextRun), lastJob: lastJobOf(database) }
      })
      .immediate()
    database.pragma('wal_checkpoint(TRUNCATE)')
    return settled
  } finally {
    database.close()
  }
}

function lastJobOf(database: Database): number {
  return Number(database.prepare("select seq from sqlite_sequence where name = 'jobs'").pluck().get() ?? 0)
}

function skipPassed(database: Database, now: number, nextRun: SettleOptions['nextRun']): number {
  const hasSchedules = database
    .prepare("select 1 from sqlite_schema where type = 'table' and name = 'schedules'")
    .get()
  if (hasSchedules === undefined) return 0
  const passed = database
    .prepare<[number], PassedSchedule>(
      'select id, cron, timezone from schedules where active = 1 and next_run_at <= ?',
    )
    .all(now)
  const plan = database.prepare<[number | null, number]>('update schedules set next_run_at = ? where id = ?')
  for (const schedule of passed) plan.run(nextRun(schedule), schedule.id)
  return passed.length
}
