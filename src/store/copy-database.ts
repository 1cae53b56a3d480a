import { openDatabase, openReadOnly } from './database.ts'
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

/**
 * Makes a copy fit to be started from: whoever worked on it when it was made is gone, and the token that lay in a file beside it, which
 * no backup has, is valid no more. Its shape stays as it is.
 */
export function settleRestored(file: string, localUserId: number, now: number): void {
  const database = openDatabase(file)
  try {
    database
      .transaction(() => {
        database.prepare("update processes set boot_id = 'before the restore' where ended_at is null").run()
        database
          .prepare(
            "update access_tokens set revoked_at = ? where user_id = ? and name = 'local' and revoked_at is null",
          )
          .run(now, localUserId)
      })
      .immediate()
    database.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
}
