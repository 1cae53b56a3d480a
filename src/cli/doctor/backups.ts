import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lastBackup } from '../../app/state-database.ts'
import type { BackupSettings } from '../../settings/settings.ts'
import { doubtful, fine, typed, type Finding } from './finding.ts'

/** A daemon that looks once a minute, and makes them one after the other, is never so late. */
const LATE_MS = 3_600_000

/** The backups that the daemon makes by itself; nothing where the settings want none. `now` in ms. */
export function checkBackups(settings: BackupSettings | null, stateDir: string, now: number): Finding[] {
  if (settings === null) return []
  const folder = settings.dir ?? join(stateDir, 'backup')
  const last = lastBackup(stateDir)
  if (last?.error) {
    const text = `the last one failed at ${new Date(last.at).toISOString()}: ${last.error}`
    return [
      doubtful(
        'backup',
        text,
        `look whether this works: sluice backup --state ${typed(stateDir)} ${typed(`${folder}/`)}`,
      ),
    ]
  }
  const closed = closedFolder(folder)
  if (closed !== undefined)
    return [
      doubtful(
        'backup',
        `${closed} cannot be written`,
        `chown ${process.getuid?.() ?? 'you'} ${typed(closed)}`,
      ),
    ]
  if (!last?.file) return [fine('backup', `none was made yet; they will be in ${folder}`)]
  const made = statSync(last.file, { throwIfNoEntry: false })
  if (!made)
    return [
      doubtful(
        'backup',
        `${last.file}, the newest, is gone`,
        `make one: sluice backup --state ${typed(stateDir)} ${typed(`${folder}/`)}`,
      ),
    ]
  const age = now - made.mtimeMs
  const text = `the newest is ${last.file}, of ${made.mtime.toISOString()}`
  return age > 2 * settings.everyMs + LATE_MS
    ? [doubtful('backup', `${text}: too old`, 'let the daemon run: sluice serve, or sluice service install')]
    : [fine('backup', text)]
}

/** The folder, or what of it is there, when nothing can be written to it. */
function closedFolder(folder: string): string | undefined {
  let there = folder
  while (!existsSync(there) && there !== dirname(there)) there = dirname(there)
  try {
    accessSync(there, constants.W_OK | constants.X_OK)
    return undefined
  } catch {
    return there
  }
}
