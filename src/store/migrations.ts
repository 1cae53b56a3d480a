import type { Database } from 'better-sqlite3'
import { dirname } from 'node:path'
import { sql as foundation } from './migrations/0001-foundation.ts'
import { sql as engine } from './migrations/0002-engine.ts'
import { sql as api } from './migrations/0003-api.ts'
import { sql as sources } from './migrations/0004-sources.ts'
import { sql as retention } from './migrations/0005-retention.ts'
import { sql as senders } from './migrations/0006-senders.ts'
import { newestBackup } from './state-backup.ts'

/** In order; a step's number is its place in this list, from 1, and is kept in `user_version`. */
const steps: readonly string[] = [foundation, engine, api, sources, retention, senders]

/** Databases up to this step can be opened. */
export const KNOWN_STEPS = steps.length

/** Written into the file's header so that another program's database is never taken for ours. */
const APPLICATION_ID = 0x51_1c_e0_01

/**
 * Brings the database to the newest step, each in a transaction of its own.
 * Throws when the file is another program's or was written by a newer Sluice; nothing is changed then. `backUp` is called with the
 * step that a database of an older version has, before it is changed.
 */
export function migrate(
  database: Database,
  file: string,
  backUp: (step: number) => void = () => undefined,
): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  const application = Number(database.pragma('application_id', { simple: true }))
  if (version > 0 && application !== APPLICATION_ID)
    throw new StoreVersionError(`${file} is not a Sluice database`)
  if (version > steps.length) {
    const backup = newestBackup(dirname(file), steps.length)
    const restore = backup === undefined ? '' : `, or restore the backup made on upgrade: ${backup}`
    throw new StoreVersionError(
      `${file} has step ${version}, this Sluice knows ${steps.length}; start the newer version${restore}`,
    )
  }
  if (version > 0 && version < steps.length) backUp(version)
  for (let step = version; step < steps.length; step++) {
    database
      .transaction(() => {
        if (Number(database.pragma('user_version', { simple: true })) !== step) return // another process was faster
        database.exec(steps[step] ?? '')
        database.pragma(`application_id = ${APPLICATION_ID}`)
        database.pragma(`user_version = ${step + 1}`)
      })
      .immediate()
  }
}

/** Why this Sluice cannot work on a database: a newer one has made it, or another program; undefined when it can. */
export function foreignShape(database: Database): string | undefined {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version === 0 || Number(database.pragma('application_id', { simple: true })) !== APPLICATION_ID)
    return 'it is not a database of Sluice'
  if (version <= steps.length) return undefined
  return `a newer Sluice has made it (its database has step ${version}, this one knows ${steps.length}); use that version`
}

/** The database cannot be opened by this version. */
export class StoreVersionError extends Error {
  override readonly name = 'StoreVersionError'
}

/** The database is damaged or gone. What is there is left as it is. */
export class StoreDamagedError extends Error {
  override readonly name = 'StoreDamagedError'
}
