import { accessSync, constants, createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { lstat, open, readlink, rename, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isMissing, namesIn, syncFolder } from '../platform/files.ts'
import { randomToken } from '../platform/random.ts'
import { writeZip, type ZipEntry } from '../platform/zip-writer.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { copyDatabase, problemOfDatabase } from '../store/copy-database.ts'
import { isDiskFull } from '../store/database.ts'
import { backupFolder, stampOf } from '../store/state-backup.ts'

export interface BackupOptions {
  readonly stateDir: string
  /** A folder that exists, or the file to be made; absent: `backup` in the state folder. */
  readonly target?: string
  /** Logs and artifacts too. */
  readonly withFiles: boolean
  readonly version: string
  /** Ms. */
  readonly now: number
}

export interface Backup {
  readonly file: string
  readonly bytes: number
  /** Logs and artifacts in it. */
  readonly files: number
}

/** What a zip must hold to be one of ours. */
export const BACKUP_NOTE = 'sluice-backup.json'
const FILES = ['traces', 'artifacts']

/**
 * Copies a state folder into one zip (0600), also while a daemon works on it: the database as it is at one moment, the key that opens
 * what is sealed in it, and with `withFiles` logs and artifacts. The access token, which is plain text, is never in it. The error is a
 * sentence; rejects with the file system's error.
 */
export async function backUp(options: BackupOptions): Promise<Result<Backup, string>> {
  const { stateDir, now } = options
  const source = join(stateDir, 'sluice.db')
  if (isClosed(stateDir)) return err(`${stateDir} cannot be read by this user`)
  if (!existsSync(source)) return err(`${stateDir} has no database`)
  const file = await targetFile(options)
  if (existsSync(file)) return err(`${file} exists already`)
  const draft = `${file}.${randomToken('', 6)}.part`
  // No name that a whole one has: what a killed process leaves is never taken for a backup.
  const copy = `${draft}-db`
  try {
    await removeLeftovers(dirname(file), now)
    await (await open(copy, 'wx', 0o600)).close()
    await copyDatabase(source, copy)
    const problem = problemOfDatabase(copy)
    if (problem !== undefined) return err(`${source} is damaged: ${problem}`)
    const counter = { files: 0 }
    await pipeline(
      Readable.from(writeZip(entriesOf(options, copy, counter))),
      createWriteStream(draft, { mode: 0o600, flags: 'wx' }),
    )
    await sync(draft)
    const { size } = await lstat(draft)
    await rename(draft, file)
    await syncFolder(dirname(file))
    return ok({ file, bytes: size, files: counter.files })
  } catch (error) {
    const said = troubleOf(error, dirname(file))
    if (said === undefined) throw error
    return err(`${file} cannot be made: ${said}`)
  } finally {
    for (const path of [draft, copy, `${copy}-wal`, `${copy}-shm`, `${copy}-journal`])
      await rm(path, { force: true })
  }

  async function targetFile({ target }: BackupOptions): Promise<string> {
    const folder = target ?? backupFolder(stateDir)
    if (target === undefined) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const isFolder = folder.endsWith('/') || (await isDirectory(folder))
    if (!isFolder) return folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return join(folder, `sluice-${stampOf(now)}.zip`)
  }
}

const LEFTOVER = /\.[\w-]{8}\.part(?:-db(?:-wal|-shm|-journal)?)?$/
/** Nobody writes at a backup for so long without writing to its file. */
const STALE_MS = 24 * 3_600_000

/** Whether a file is what a killed process left of one backup. */
export function isLeftoverOf(backup: string, name: string): boolean {
  return name.startsWith(`${backup}.`) && LEFTOVER.test(name)
}

/** What a process left that was killed while it made a backup here. */
async function removeLeftovers(folder: string, now: number): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!LEFTOVER.test(name)) continue
    const path = join(folder, name)
    const stat = await lstat(path).catch(() => undefined)
    if (stat?.isFile() && now - stat.mtimeMs > STALE_MS) await rm(path, { force: true })
  }
}

function isClosed(folder: string): boolean {
  if (!existsSync(folder)) return false
  try {
    accessSync(folder, constants.R_OK | constants.X_OK)
    return false
  } catch {
    return true
  }
}

/** In a person's words; undefined for what is no trouble of the place. */
function troubleOf(error: unknown, folder: string): string | undefined {
  if (isDiskFull(error)) return `there is no room left in ${folder}`
  if (!(error instanceof Error && 'code' in error)) return undefined
  if (error.code === 'EACCES' || error.code === 'EPERM') return `${folder} cannot be written by this user`
  if (error.code === 'EROFS') return `${folder} is on a read-only disk`
  if (isMissing(error) && !existsSync(folder)) return `there is no folder ${folder}`
  return undefined
}

async function* entriesOf(
  { stateDir, withFiles, version, now }: BackupOptions,
  copy: string,
  counter: { files: number },
): AsyncGenerator<ZipEntry> {
  const note = Buffer.from(
    `${JSON.stringify({ format: 1, version, made_at: new Date(now).toISOString(), files: withFiles })}\n`,
  )
  yield { kind: 'file', name: BACKUP_NOTE, mode: 0o600, mtime: now, size: note.length, open: () => note }
  yield await fileEntry(copy, 'sluice.db')
  yield await fileEntry(join(stateDir, 'secret.key'), 'secret.key')
  if (!withFiles) return
  for (const folder of FILES)
    for await (const entry of below(stateDir, join(stateDir, folder))) {
      counter.files++
      yield entry
    }
}

/** All files and links below a folder; what goes away meanwhile is left out. */
async function* below(root: string, folder: string): AsyncGenerator<ZipEntry> {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    const stat = await lstat(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    })
    if (stat?.isDirectory()) {
      yield { kind: 'folder', name: relative(root, path), mode: stat.mode & 0o777, mtime: stat.mtimeMs }
      yield* below(root, path)
    } else if (stat?.isSymbolicLink()) {
      yield {
        kind: 'link',
        name: relative(root, path),
        mode: 0o777,
        mtime: stat.mtimeMs,
        target: await readlink(path),
      }
    } else if (stat?.isFile()) yield await fileEntry(path, relative(root, path))
  }
}

async function fileEntry(path: string, name: string): Promise<ZipEntry> {
  const { size, mode, mtimeMs } = await lstat(path)
  return {
    kind: 'file',
    name,
    mode: mode & 0o777,
    mtime: mtimeMs,
    size,
    async open() {
      const file = await open(path, 'r').catch((error: unknown) => {
        if (isMissing(error)) return undefined
        throw error
      })
      // A log that is being written is taken as long as it was when it was looked at.
      return file && size > 0 ? file.createReadStream({ start: 0, end: size - 1 }) : file && closed(file)
    },
  }
}

async function closed(file: { close(): Promise<void> }): Promise<AsyncIterable<Buffer>> {
  await file.close()
  return Readable.from([])
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() ?? false
}
