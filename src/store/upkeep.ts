import { statSync } from 'node:fs'
import type { Database } from './database.ts'

/** Work on the file as a whole, for times when nothing else is to be done. Each call is short. */
export function upkeepOf(database: Database, file: string) {
  const number = (pragma: string): number => Number(database.pragma(pragma, { simple: true }))
  return {
    /** Bytes of pages that hold nothing. */
    unusedBytes: (): number => number('freelist_count') * number('page_size'),
    /** Bytes of all pages. */
    fileBytes: (): number => number('page_count') * number('page_size'),
    /** Gives so many empty pages back to the file system; nothing for files that were made before this was chosen. */
    shrink(pages: number): void {
      if (number('auto_vacuum') === INCREMENTAL) database.pragma(`incremental_vacuum(${pages})`)
    },
    /** Bytes of the write-ahead log. */
    logBytes: (): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    /** Moves the write-ahead log into the database and empties it. False when somebody is still reading from it: nobody waits. */
    checkpoint(): boolean {
      const timeout = number('busy_timeout')
      database.pragma('busy_timeout = 0')
      try {
        const [row] = database.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[]
        return row?.busy === 0
      } catch (error) {
        if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY'))
          return false
        throw error
      } finally {
        database.pragma(`busy_timeout = ${timeout}`)
      }
    },
  }
}

/** SQLite: `auto_vacuum = 2` keeps track of empty pages, so that they can be given back a few at a time. */
export const INCREMENTAL = 2
