import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { copyFile, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LOCAL_USER_ID } from '../model/user.ts'
import { daemonOf } from '../platform/daemon-note.ts'
import { isAlive } from '../platform/process-identity.ts'
import { randomToken } from '../platform/random.ts'
import { extractZip } from '../platform/zip-extract.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { problemOfDatabase, settleRestored, unendedProcessesOf } from '../store/copy-database.ts'
import { stampOf } from '../store/state-backup.ts'
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
}

export type RestoreProblem = { readonly kind: 'in_use' | 'not_empty' | 'unusable'; readonly message: string }

/** Zips are of our own making, so that these only stop what is none. */
const LIMITS = { bytes: Number.MAX_SAFE_INTEGER, entries: 50_000_000 }

/** Makes a state folder from a backup. Nothing that is there is lost: with `force` it is moved aside. Rejects with the file system's error. */
export async function restore(options: RestoreOptions): Promise<Result<Restored, RestoreProblem>> {
  const { file, stateDir, force } = options
  const user = userOf(stateDir)
  if (user !== undefined) return problem('in_use', `process ${user} works on ${stateDir}; end it first`)
  const isEmpty = !existsSync(stateDir) || readdirSync(stateDir).length === 0
  if (!isEmpty && !force)
    return problem(
      'not_empty',
      `${stateDir} is not empty; --force keeps what is there beside it and puts the backup in its place`,
    )
  const kind = await kindOf(file)
  if (kind === 'other') return problem('unusable', `${file} is no backup of Sluice`)
  return kind === 'zip' ? fromZip(options, isEmpty) : fromDatabase(options)
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
    const found = problemOfDatabase(database)
    if (found !== undefined) return problem('unusable', `${file} is damaged: ${found}`)
    settleRestored(database, LOCAL_USER_ID, now)
    await rm(join(draft, BACKUP_NOTE))
    const before = isEmpty ? null : `${stateDir}.before-restore-${stampOf(now)}-${randomToken('', 3)}`
    if (before !== null) renameSync(stateDir, before)
    else await rm(stateDir, { recursive: true, force: true })
    renameSync(draft, stateDir)
    return ok({ stateDir, before, madeAt: note.madeAt })
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
  const found = problemOfDatabase(file)
  if (found !== undefined) return problem('unusable', `${file} is damaged: ${found}`)
  const place = join(stateDir, 'sluice.db')
  const draft = `${place}.restore-${randomToken('', 6)}`
  const before = join(stateDir, `before-restore-${stampOf(now)}-${randomToken('', 3)}`)
  try {
    await copyFile(file, draft)
    settleRestored(draft, LOCAL_USER_ID, now)
    mkdirSync(before, { mode: 0o700 })
    for (const name of ['sluice.db', 'sluice.db-wal', 'sluice.db-shm', 'access-token'])
      if (existsSync(join(stateDir, name))) renameSync(join(stateDir, name), join(before, name))
    renameSync(draft, place)
    return ok({ stateDir, before, madeAt: null })
  } finally {
    for (const path of [draft, `${draft}-wal`, `${draft}-shm`]) await rm(path, { force: true })
  }
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
