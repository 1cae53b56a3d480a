import { join } from 'node:path'
import { foreignDatabase, problemOfDatabase } from '../store/copy-database.ts'
import { KNOWN_STEPS } from '../store/migrations.ts'
import { newestBackup, notedBackup, type BackupNote } from '../store/state-backup.ts'

export interface StateDatabase {
  /** What is wrong with it; undefined: it is sound, and this version can open it. */
  readonly problem: string | undefined
  /** The newest copy of it that there is, and that this version can open. */
  readonly backup: string | undefined
}

/** Looks at a state folder's database. Reads only. */
export function lookAtDatabase(stateDir: string): StateDatabase {
  const file = join(stateDir, 'sluice.db')
  const damage = problemOfDatabase(file)
  const foreign = damage === undefined ? foreignDatabase(file) : undefined
  return {
    problem: damage === undefined ? foreign : `it is damaged: ${damage}`,
    backup: backupToRestore(stateDir),
  }
}

/** The newest copy of a state folder's database that this version can open. */
export function backupToRestore(stateDir: string): string | undefined {
  return newestBackup(stateDir, KNOWN_STEPS)
}

/** What became of the last backup that the daemon made by itself; undefined: it made none yet. */
export function lastBackup(stateDir: string): BackupNote | undefined {
  return notedBackup(stateDir)
}
