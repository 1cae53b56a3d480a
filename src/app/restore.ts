import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { copyFile, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LOCAL_USER_ID } from '../model/user.ts'
import { nextRunOf } from '../pipeline/registry/schedule-runs.ts'
import { daemonOf } from '../platform/daemon-note.ts'
import { namesIn } from '../platform/files.ts'
import { isAlive } from '../platform/process-identity.ts'
import { randomToken } from '../platform/random.ts'
import { extractZip } from '../platform/zip-extract.ts'
import { err, ok, type Result } from '../shared/result.ts'
import {
  problemOfBackup,
  settleRestored,
  unendedProcessesOf,
  type SettleOptions,
} from '../store/copy-database.ts'
import { isDiskFull } from '../store/database.ts'
import { newestBackup, stampOf } from '../store/state-backup.ts'
import { BACKUP_NOTE } from './backup.ts'

export interface RestoreOptions {
  /** A zip that `backUp` made, or the copy of a database that an upgrade made. */
  readonly file: string
  readonly stateDir: string
  /** Puts it in the place of what is there, which is kept beside it. */
  readonly force: boolean
  /** Ms. */
  readonly now: number
}

export interface Restored {
  readonly stateDir: string
  /** Where what was there before is now; null: nothing was. */
  readonly before: string | null
  /** When the backup was made, as ISO 8601; null: it does not say. */
  readonly madeAt: string | null
  /** Schedules with a time that passed since it was made, which is not made up for. */
  readonly schedules: number
}

export type RestoreProblem = {
  readonly kind: 'missing' | 'in_use' | 'not_empty' | 'unusable' | 'no_room'
  readonly message: string
}

/** Zips are of our own making, so that these only stop what is none. */
const LIMITS = { bytes: Number.MAX_SAFE_INTEGER, entries: 50_000_000 }

/** Makes a state folder from a backup. Nothing that is there is lost: with `force` it is moved aside. Rejects with the file system's error. */
export async function restore(options: RestoreOptions): Promise<Result<Restored, RestoreProblem>> {
  const { file, stateDir, force } = options
  const missing = whyNoFile(file, stateDir)
  if (missing !== undefined) return problem('missing', missing)
  const user = userOf(stateDir)
  if (user !== undefined) return problem('in_use', `process ${user} works on ${stateDir}; end it first`)
  const isEmpty = !existsSync(stateDir) || readdirSync(stateDir).length === 0
  if (!isEmpty && !force)
    return problem(
      'not_empty',
      `${stateDir} is not empty; --force keeps what is there beside it and puts the backup in its place`,
    )
  try {
    const kind = await kindOf(file)
    if (kind === 'other') return problem('unusable', `${file} is no backup of Sluice`)
    return kind === 'zip' ? await fromZip(options, isEmpty) : await fromDatabase(options)
  } catch (error) {
    if (!isDiskFull(error)) throw error
    return problem('no_room', `there is no room for it beside ${stateDir}; nothing was changed`)
  }
}

function whyNoFile(file: string, stateDir: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat?.isFile()) return undefined
  const newest = newestBackup(stateDir)
  const way = newest === undefined ? '' : `; the newest backup is ${newest}`
  return stat ? `${file} is no file; name one of the backups in it` : `there is no file ${file}${way}`
}

/** The pid of a process that works on a state folder. */
function userOf(stateDir: string): number | undefined {
  const daemon = daemonOf(stateDir)
  return daemon?.process.pid ?? unendedProcessesOf(join(stateDir, 'sluice.db')).find(isAlive)?.pid
}

async function fromZip(options: RestoreOptions, isEmpty: boolean): Promise<Result<Restored, RestoreProblem>> {
  const { file, stateDir, now } = options
  const draft = `${stateDir}.restore-${randomToken('', 6)}`
  mkdirSync(dirname(stateDir), { recursive: true })
  mkdirSync(draft, { mode: 0o700 })
  try {
    const extracted = await extractZip(file, draft, LIMITS)
    if (!extracted.ok) return problem('unusable', `${file}: ${extracted.error}`)
    const note = readNote(join(draft, BACKUP_NOTE))
    const database = join(draft, 'sluice.db')
    if (note === undefined || !existsSync(database) || !existsSync(join(draft, 'secret.key')))
      return problem('unusable', `${file} is no backup of Sluice`)
    const found = problemOfBackup(database)
    if (found !== undefined) return problem('unusable', `${file} cannot be restored: ${found}`)
    const { schedules, lastJob } = settleRestored(database, settling(now))
    // Jobs began while the files were copied. Those that come will have their numbers, and must not find their files.
    for (const path of await filesAfter(draft, lastJob))
      await rm(join(draft, path), { recursive: true, force: true })
    await rm(join(draft, BACKUP_NOTE))
    const before = isEmpty ? null : `${stateDir}.before-restore-${stampOf(now)}-${randomToken('', 3)}`
    if (before !== null) renameSync(stateDir, before)
    else await rm(stateDir, { recursive: true, force: true })
    renameSync(draft, stateDir)
    return ok({ stateDir, before, madeAt: note.madeAt, schedules })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Only the database is replaced: the key that opens it is the state folder's own. */
async function fromDatabase({
  file,
  stateDir,
  now,
}: RestoreOptions): Promise<Result<Restored, RestoreProblem>> {
  if (!existsSync(join(stateDir, 'secret.key')))
    return problem(
      'unusable',
      `${file} is a database alone; it can be restored into the state folder that it is of, which has its key`,
    )
  const found = problemOfBackup(file)
  if (found !== undefined) return problem('unusable', `${file} cannot be restored: ${found}`)
  const place = join(stateDir, 'sluice.db')
  const draft = `${place}.restore-${randomToken('', 6)}`
  const before = join(stateDir, `before-restore-${stampOf(now)}-${randomToken('', 3)}`)
  try {
    await copyFile(file, draft)
    const { schedules, lastJob } = settleRestored(draft, settling(now))
    const late = await filesAfter(stateDir, lastJob)
    mkdirSync(before, { mode: 0o700 })
    for (const name of ['sluice.db', 'sluice.db-wal', 'sluice.db-shm', 'access-token'])
      if (existsSync(join(stateDir, name))) renameSync(join(stateDir, name), join(before, name))
    for (const path of late) {
      mkdirSync(dirname(join(before, path)), { recursive: true })
      renameSync(join(stateDir, path), join(before, path))
    }
    renameSync(draft, place)
    return ok({ stateDir, before, madeAt: null, schedules })
  } finally {
    for (const path of [draft, `${draft}-wal`, `${draft}-shm`]) await rm(path, { force: true })
  }
}

/** Logs and artifacts of jobs after a job, relative to the state folder. */
async function filesAfter(stateDir: string, lastJob: number): Promise<string[]> {
  const found: string[] = []
  for (const folder of ['traces', 'artifacts'])
    for (const year of await namesIn(join(stateDir, folder)))
      for (const month of await namesIn(join(stateDir, folder, year)))
        for (const name of await namesIn(join(stateDir, folder, year, month)))
          if (Number(/^\d+/.exec(name)?.[0] ?? 0) > lastJob) found.push(join(folder, year, month, name))
  return found
}

function settling(now: number): SettleOptions {
  return { localUserId: LOCAL_USER_ID, now, nextRun: (schedule) => nextRunOf(schedule, now) }
}

async function kindOf(path: string): Promise<'zip' | 'database' | 'other'> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0)
    const head = buffer.toString('latin1', 0, bytesRead)
    if (head.startsWith('PK\u0003\u0004')) return 'zip'
    return head === 'SQLite format 3\0' ? 'database' : 'other'
  } finally {
    await file.close()
  }
}

function readNote(path: string): { readonly madeAt: string | null } | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof note !== 'object' || note === null || !('format' in note) || note.format !== 1)
      return undefined
    return { madeAt: 'made_at' in note && typeof note.made_at === 'string' ? note.made_at : null }
  } catch {
    return undefined
  }
}

function problem(kind: RestoreProblem['kind'], message: string): Result<never, RestoreProblem> {
  return err({ kind, message })
}
