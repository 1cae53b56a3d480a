import { close, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'

const flush = promisify(fdatasync)

/** Waits for the disk, once for all who wait at the same time. */
export interface GroupSync {
  /** Resolves when everything that was committed before the call survives a power cut. Rejects as `fdatasync` does. */
  synced(): Promise<void>
  /** To be called when nothing is waited for any more. */
  close(): void
}

/**
 * Flushes the write-ahead log of a database beside the thread that commits: dozens of commits share one flush, and the next ones
 * are made meanwhile. What SQLite has checkpointed out of the log, it has flushed itself, also with `synchronous = normal`.
 */
export function openGroupSync(databaseFile: string): GroupSync {
  let file: number | undefined
  const synced = sharedSync(() => flush((file ??= openSync(`${databaseFile}-wal`, 'r+'))))
  return {
    synced,
    close() {
      if (file !== undefined) close(file)
      file = undefined
    },
  }
}

/** One call of `sync` at a time. Who comes while one is under way waits for the next: the present one may have begun too early. */
export function sharedSync(sync: () => Promise<void>): () => Promise<void> {
  let present: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    next ??= present
      .catch(() => {})
      .then(() => {
        next = undefined
        present = sync()
        return present
      })
    return next
  }
}
