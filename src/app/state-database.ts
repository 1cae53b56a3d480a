import { join } from 'node:path'
import { problemOfDatabase } from '../store/copy-database.ts'
import { newestBackup } from '../store/state-backup.ts'

/** What is wrong with a state folder's database, and the newest copy of it that there is. Reads only. */
export function stateDatabaseProblem(stateDir: string): {
  readonly problem: string | undefined
  readonly backup: string | undefined
} {
  return { problem: problemOfDatabase(join(stateDir, 'sluice.db')), backup: newestBackup(stateDir) }
}
