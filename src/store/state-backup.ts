import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Database } from './database.ts'

/** Copies of the database that were made before it was changed to a newer shape. */
const UPGRADES_KEPT = 3
/** Of a process that was killed while it copied. */
const LEFTOVER = /^upgrade-from-step-.*\.db\.part(?:-journal)?$/
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
  const draft = `${file}.part`
  try {
    database.prepare('vacuum into ?').run(draft)
    chmodSync(draft, 0o600)
    sync(draft)
    // Only what is whole has the name of a copy.
    renameSync(draft, file)
    sync(folder)
  } finally {
    for (const path of [draft, `${draft}-journal`]) rmSync(path, { force: true })
  }
  for (const name of namesIn(folder)) if (LEFTOVER.test(name)) rmSync(join(folder, name), { force: true })
  const old = backupsIn(folder).filter(({ step: from }) => from !== null)
  for (const { path } of old.slice(UPGRADES_KEPT)) rmSync(path, { force: true })
  return file
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** `2026-11-22T17-12-56Z`: sorts by time, and can be a file name anywhere. */
export function stampOf(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}Z`
}

/** When a stamp says, in ms; undefined for what is none. */
export function timeOfStamp(stamp: string): number | undefined {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)T(\d\d-\d\d-\d\d)Z$/.exec(stamp) ?? []
  const ms = time === undefined ? NaN : Date.parse(`${date}T${time.replaceAll('-', ':')}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

/** What became of the last backup that the daemon made by itself. */
export interface BackupNote {
  /** Ms. */
  readonly at: number
  /** Null: it failed. */
  readonly file: string | null
  readonly error: string | null
}

interface Copy {
  readonly path: string
  /** Null: its name does not say it. */
  readonly step: number | null
  readonly time: number
}

const NOTE = 'scheduled-backup.json'

/** Writes it down for those who ask later. */
export async function noteBackup(stateDir: string, note: BackupNote): Promise<void> {
  const path = join(stateDir, NOTE)
  // A file that could not be made is still known.
  const file = note.file ?? notedBackup(stateDir)?.file ?? null
  await writeFile(`${path}.new`, `${JSON.stringify({ ...note, file })}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** What was written down; `file` is the last that was made. */
export function notedBackup(stateDir: string): BackupNote | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(join(stateDir, NOTE), 'utf8'))
    return isNote(note) ? note : undefined
  } catch {
    return undefined // none was made, or a person wrote into it
  }
}

function isNote(note: unknown): note is BackupNote {
  if (typeof note !== 'object' || note === null || !('at' in note && 'file' in note && 'error' in note))
    return false
  const { at, file, error } = note
  return typeof at === 'number' && [file, error].every((text) => text === null || typeof text === 'string')
}

/** The newest copy that this version can open, with `knownSteps`; undefined when there is none. */
export function newestBackup(stateDir: string, knownSteps = Infinity): string | undefined {
  const noted = notedBackup(stateDir)?.file
  const elsewhere = noted === undefined || noted === null ? undefined : copyAt(noted)
  const all = [...backupsIn(backupFolder(stateDir)), ...(elsewhere ? [elsewhere] : [])]
  return newestFirst(all).find(({ step }) => step === null || step <= knownSteps)?.path
}

function backupsIn(folder: string): Copy[] {
  return newestFirst(namesIn(folder).flatMap((name) => copyAt(join(folder, name)) ?? []))
}

function copyAt(path: string): Copy | undefined {
  if (!/\.(db|zip)$/.test(path)) return undefined
  const step = UPGRADE.exec(basename(path))?.[1]
  const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return time === undefined ? undefined : { path, step: step === undefined ? null : Number(step), time }
}

function newestFirst(copies: readonly Copy[]): Copy[] {
  return copies.toSorted((a, b) => b.time - a.time || (a.path < b.path ? 1 : -1))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
