import Sqlite from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export type Database = Sqlite.Database

/** `full` survives a power cut once the commit returns; `normal` survives the death of the process. */
export type Durability = 'full' | 'normal'

/** Opens the file with the settings every connection of ours has. */
export function openDatabase(file: string): Database {
  const database = new Sqlite(file, { timeout: 5000, ...compiledAddon() })
  // Counts only for a file that is made now: its empty pages can be given back a few at a time.
  database.pragma('auto_vacuum = incremental')
  database.pragma('journal_mode = wal')
  database.pragma('synchronous = normal')
  database.pragma('foreign_keys = on')
  database.pragma('trusted_schema = off')
  // Pages. Under load a thousand, SQLite's own, are written in two dozen triggers, and each checkpoint waits for the disk twice.
  database.pragma('wal_autocheckpoint = 8000')
  database.pragma('journal_size_limit = 67108864')
  return database
}

/** Where the package's build leaves its addon. Left to itself the package searches a dozen places, at every start. */
function compiledAddon(): { readonly nativeBinding?: string } {
  const manifest = createRequire(import.meta.url).resolve('better-sqlite3/package.json')
  const nativeBinding = join(dirname(manifest), 'build', 'Release', 'better_sqlite3.node')
  return existsSync(nativeBinding) ? { nativeBinding } : {}
}

/**
 * Runs writes as one immediate transaction (a deferred one that upgrades fails at once with SQLITE_BUSY_SNAPSHOT).
 * `synchronous` is set before BEGIN; a `full` commit makes earlier ones durable too, as the WAL keeps their order.
 */
export function makeWriter(
  database: Database,
  allowFull: boolean,
): <T>(durability: Durability, work: () => T) => T {
  let current: Durability = 'normal'
  const transaction = database.transaction((work: () => unknown) => work())
  return <T>(durability: Durability, work: () => T): T => {
    if (database.inTransaction) return work()
    const wanted = allowFull ? durability : 'normal'
    if (wanted !== current) {
      database.pragma(`synchronous = ${wanted}`)
      current = wanted
    }
    let result: { value: T } | undefined
    transaction.immediate(() => {
      result = { value: work() }
    })
    if (!result) throw new Error('the transaction did not run')
    return result.value
  }
}

/** Prepares a statement when it is first used: a short command touches few of them. */
export function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** True for the errors that mean "no room left", from SQLite or from the file system. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return (
    error.code === 'SQLITE_FULL' ||
    error.code === 'ENOSPC' ||
    error.code === 'EDQUOT' ||
    error.code === 'SQLITE_IOERR_WRITE'
  )
}

/** Opens a file that exists to read from it, also while others write. */
export function openReadOnly(file: string): Database {
  return new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 5000, ...compiledAddon() })
}
