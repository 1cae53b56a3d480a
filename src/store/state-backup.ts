import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './database.ts'

/** Copies of the database that were made before it was changed to a newer shape. */
const UPGRADES_KEPT = 3
const UPGRADE = /^upgrade-from-step-(\d+)-.*\.db$/

/** Where copies are put unless another place is named. */
export function backupFolder(stateDir: string): string {
  return join(stateDir, 'backup')
}

/**
 * Copies the database, as it is now, before its shape is changed, and keeps the newest three such copies. `VACUUM INTO` reads one
 * snapshot, as the backup API does, and can be waited for. Throws the file system's error: without a copy nothing is changed.
 */
export function backUpBeforeUpgrade(database: Database, stateDir: string, step: number, now: number): string {
  const folder = backupFolder(stateDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `upgrade-from-step-${step}-${stampOf(now)}-${process.pid}.db`)
  database.prepare('vacuum into ?').run(file)
  const old = backupsIn(folder).filter(({ step: from }) => from !== null)
  for (const { path } of old.slice(UPGRADES_KEPT)) rmSync(path, { force: true })
  return file
}

/** `2026-11-22T17-12-56Z`: sorts by time, and can be a file name anywhere. */
export function stampOf(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}Z`
}

/** The newest copy that this version can open, with `knownSteps`; undefined when there is none. */
export function newestBackup(stateDir: string, knownSteps = Infinity): string | undefined {
  return backupsIn(backupFolder(stateDir)).find(({ step }) => step === null || step <= knownSteps)?.path
}

/** Newest first; `step` is null where the name does not say it. */
function backupsIn(
  folder: string,
): { readonly path: string; readonly step: number | null; readonly time: number }[] {
  const found = namesIn(folder).flatMap((name) => {
    if (!/\.(db|zip)$/.test(name)) return []
    const step = UPGRADE.exec(name)?.[1]
    const path = join(folder, name)
    const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    return time === undefined ? [] : [{ path, step: step === undefined ? null : Number(step), time }]
  })
  return found.toSorted((a, b) => b.time - a.time || (a.path < b.path ? 1 : -1))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
