import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ensurePrivateDir } from '../../platform/files.ts'
import { isAlive, ownIdentity } from '../../platform/process-identity.ts'
import { randomToken } from '../../platform/random.ts'
import { isIdentity } from '../scratch/lanes.ts'
import { removeTree } from '../workspace/remove-tree.ts'
import { folderOfKey } from './cache-key.ts'

/** One cache as it is kept. */
export interface CacheEntry {
  /** Files laid out as in the workspace. */
  readonly folder: string
  readonly files: number
  readonly bytes: number
  /** When its files were read, in ms: what was written later is not in it. */
  readonly savedAt: number
}

/**
 * Caches on this disk, for several processes at once:
 *
 *     <dir>/<project>/<key>/cache.json       which folder counts; its time is that of the last use
 *     <dir>/<project>/<key>/files-<random>/  the files
 *     <dir>/<project>/<key>/reader-<random>  a process that reads a folder, so that it stays
 *
 * `cache.json` is replaced by renaming, so the last writer wins and a reader sees one whole cache or none.
 */
export interface CacheStore {
  /** What `use` makes of a cache; 'missing' when there is none, 'damaged' when what is there cannot be used. */
  read<T>(
    project: string,
    key: string,
    use: (entry: CacheEntry) => Promise<T>,
  ): Promise<T | 'missing' | 'damaged'>
  /** When a cache was saved; undefined when there is none. */
  savedAt(project: string, key: string): number | undefined
  /** Puts what `fill` writes into an empty folder in the place of a cache. Rejects with the file system's error. */
  write(
    project: string,
    key: string,
    fill: (folder: string) => Promise<{ readonly files: number; readonly bytes: number }>,
  ): Promise<void>
  /** Bytes that the caches of one project may take. */
  readonly limit: number
}

interface CacheRecord {
  readonly key: string
  readonly folder: string
  readonly files: number
  readonly bytes: number
  readonly savedAt: number
}

const RECORD = 'cache.json'
const FILES = 'files-'
const READER = 'reader-'
/** What a killed process left is deleted when it is as old as this. */
const STALE_MS = 3_600_000

/** `now` in ms. The folder is made at once, where that is possible: what is not there yet cannot be hidden from jobs. */
export function openCacheStore(dir: string, options: { readonly limit: number; now(): number }): CacheStore {
  const { now } = options
  try {
    ensurePrivateDir(dir)
  } catch {
    // the first write says why, in the log of its job
  }

  const placeOf = (project: string, key: string): string => join(dir, project, folderOfKey(key, shortHash))

  async function read<T>(
    project: string,
    key: string,
    use: (entry: CacheEntry) => Promise<T>,
  ): Promise<T | 'missing' | 'damaged'> {
    const place = placeOf(project, key)
    const record = readRecord(place)
    if (record === 'missing' || record === 'damaged') return record
    const lease = join(place, `${READER}${randomToken('', 9)}`)
    try {
      writeFileSync(lease, JSON.stringify({ ...ownIdentity(), folder: record.folder }))
      // A writer that has replaced the folder in this moment does not know of us.
      const still = readRecord(place)
      if (still === 'missing' || still === 'damaged') return still
      if (still.folder !== record.folder) return await read(project, key, use)
      touch(join(place, RECORD), now())
      return await use({ ...record, folder: join(place, record.folder) })
    } finally {
      rmSync(lease, { force: true })
    }
  }

  return {
    limit: options.limit,
    read,
    savedAt(project, key) {
      const record = readRecord(placeOf(project, key))
      return record === 'missing' || record === 'damaged' ? undefined : record.savedAt
    },
    async write(project, key, fill) {
      const place = placeOf(project, key)
      ensurePrivateDir(dir)
      mkdirSync(place, { recursive: true, mode: 0o700 })
      const folder = `${FILES}${randomToken('', 9)}`
      const savedAt = now()
      try {
        mkdirSync(join(place, folder), { mode: 0o700 })
        const { files, bytes } = await fill(join(place, folder))
        const record: CacheRecord = { key, folder, files, bytes, savedAt }
        const draft = join(place, `${RECORD}.${folder}`)
        writeFileSync(draft, JSON.stringify(record))
        const before = readRecord(place)
        renameSync(draft, join(place, RECORD))
        touch(join(place, RECORD), now())
        if (typeof before === 'object') await removeUnlessRead(place, before.folder)
      } catch (error) {
        await removeTree(join(place, folder))
        throw error
      }
      await removeStale(place, now())
      await sweep(join(dir, project), place, { limit: options.limit, now: now() })
    },
  }
}

function readRecord(place: string): CacheRecord | 'missing' | 'damaged' {
  const path = join(place, RECORD)
  try {
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const usable =
      isRecord(record) && lstatSync(join(place, record.folder), { throwIfNoEntry: false })?.isDirectory()
    return usable ? record : 'damaged'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'damaged'
  }
}

function isRecord(value: unknown): value is CacheRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    typeof value.key === 'string' &&
    'folder' in value &&
    typeof value.folder === 'string' &&
    /^files-[A-Za-z0-9_-]+$/.test(value.folder) &&
    'files' in value &&
    typeof value.files === 'number' &&
    'bytes' in value &&
    typeof value.bytes === 'number' &&
    'savedAt' in value &&
    typeof value.savedAt === 'number'
  )
}

/** A folder that counts no more stays for those who read it now; it goes as something stale. */
async function removeUnlessRead(place: string, folder: string): Promise<void> {
  if (!foldersRead(place).has(folder)) await removeTree(join(place, folder))
}

/** What killed processes left, and what could not be deleted because it was read. */
async function removeStale(place: string, now: number): Promise<void> {
  const record = readRecord(place)
  const read = foldersRead(place)
  for (const name of namesIn(place)) {
    const counts = name === RECORD || (typeof record === 'object' && name === record.folder) || read.has(name)
    const age = now - timeOf(join(place, name))
    const lease = name.startsWith(READER) ? readLease(join(place, name)) : undefined
    if (!counts && age > STALE_MS && !(lease && isAlive(lease))) await removeTree(join(place, name))
  }
}

function foldersRead(place: string): ReadonlySet<string> {
  const readers = namesIn(place).filter((name) => name.startsWith(READER))
  return new Set(
    readers.flatMap((name) => {
      const lease = readLease(join(place, name))
      return lease && isAlive(lease) ? [lease.folder] : []
    }),
  )
}

function readLease(path: string) {
  try {
    const lease: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isIdentity(lease) && 'folder' in lease && typeof lease.folder === 'string'
      ? { ...lease, folder: lease.folder }
      : undefined
  } catch {
    return undefined // ended in this moment
  }
}

/**
 * Deletes the caches of a project (its full path) that nobody used for so long, then those beyond the bytes, longest unused first.
 * `now` in ms. Resolves with how many there were.
 */
export async function sweepCaches(
  dir: string,
  project: string,
  { ageMs, bytes, now }: { readonly ageMs: number; readonly bytes: number; readonly now: number },
): Promise<number> {
  const folder = join(dir, project)
  let removed = 0
  for (const name of namesIn(folder)) {
    const place = join(folder, name)
    const record = readRecord(place)
    // Without a record it is a project below this one's name, or a cache that is being written for the first time.
    if (record === 'missing' || now - timeOf(join(place, RECORD)) <= ageMs) continue
    rmSync(join(place, RECORD), { force: true })
    removed++
    if (record !== 'damaged') await removeUnlessRead(place, record.folder)
    await removeStale(place, now)
    removeEmpty(place)
  }
  return removed + (await sweep(folder, '', { limit: bytes, now }))
}

function removeEmpty(place: string): void {
  try {
    rmdirSync(place)
  } catch {
    // something is being read or written there
  }
}

/** Deletes the caches of a project that were not used for longest until the rest fits, and counts them. The one just written goes last. */
async function sweep(
  project: string,
  written: string,
  { limit, now }: { readonly limit: number; readonly now: number },
): Promise<number> {
  const kept = namesIn(project).flatMap((name) => {
    const place = join(project, name)
    const record = readRecord(place)
    if (record === 'missing') return []
    const { bytes, folder } = record === 'damaged' ? { bytes: 0, folder: null } : record
    return [{ place, bytes, folder, usedAt: place === written ? now + 1 : timeOf(join(place, RECORD)) }]
  })
  let total = kept.reduce((sum, { bytes }) => sum + bytes, 0)
  let removed = 0
  for (const { place, bytes, folder } of kept.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (total <= limit) break
    removed++
    rmSync(join(place, RECORD), { force: true })
    if (folder !== null) await removeUnlessRead(place, folder)
    total -= bytes
  }
  return removed
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** In ms; 0: it is gone. */
function timeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function touch(path: string, time: number): void {
  try {
    utimesSync(path, time / 1000, time / 1000)
  } catch {
    // deleted in this moment; only the order of the sweep depends on it
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
