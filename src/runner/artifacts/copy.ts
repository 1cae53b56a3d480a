import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { chmod, copyFile, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import {
  isGone,
  openInside,
  openSourceFolder,
  realRoot,
  type SourceFolder,
} from '../../platform/open-inside.ts'
import { openingFailed } from './unreadable.ts'
import type { TreeEntry } from './walk.ts'

/** Files up to this are copied at once: handing each to another thread costs more than the copy. */
const SMALL = 1 << 18
/** So many small entries at once; then others get their turn. */
const ENTRIES_AT_ONCE = 16
/** So many large files at a time: enough to keep the disk busy, few enough to leave the pool's threads to others. */
const LARGE_AT_ONCE = 4

export interface Copied {
  readonly files: number
  readonly bytes: number
}

/**
 * Copies entries from one tree into another, keeping modes, times and links. What is in the way is replaced; nothing is ever
 * written through a link, also none that an earlier entry made, and nothing is read through one that was put there meanwhile. A
 * file that has gone is left out. Copies share their blocks where the file system can, and are never the same file: whoever writes
 * the one does not change the other. Rejects with the file system's error.
 */
export async function copyEntries(from: string, to: string, entries: readonly TreeEntry[]): Promise<Copied> {
  const root = await realRoot(from)
  const targets = targetFolders(to)
  const large: string[] = []
  const copied = { files: 0, bytes: 0 }
  const add = (size: number | undefined): void => {
    if (size === undefined) return
    copied.files++
    copied.bytes += size
  }
  let source: SourceFolder | undefined
  try {
    for (const [index, { path, kind }] of entries.entries()) {
      if (index % ENTRIES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
      if (kind === 'folder') {
        const stat = lstatSync(join(root, path), { throwIfNoEntry: false })
        if (stat?.isDirectory()) targets.add(path, stat)
        continue
      }
      targets.ensure(dirname(path))
      const parent = dirname(path)
      if (source?.folder !== parent) {
        source?.close()
        source = openSourceFolder(root, parent)
      }
      if (!source) continue
      const name = join(source.path, basename(path))
      if (kind === 'link') add(copyLink(name, join(to, path)))
      else {
        const size = copySmall(name, join(to, path), path)
        if (size === 'large') large.push(path)
        else add(size)
      }
    }
  } finally {
    source?.close()
  }
  await inParallel(large, async (path) => add(await copyLarge(root, path, join(to, path))))
  targets.finish()
  return copied
}

/** The folders of the copy. Their modes and times come last, as filling a folder changes its time. */
function targetFolders(to: string): {
  ensure(path: string): void
  add(path: string, stat: Stats): void
  finish(): void
} {
  const folders = new Map<string, Stats | undefined>()

  function ensure(path: string): void {
    if (path === '.' || folders.has(path)) return
    ensure(dirname(path))
    const target = join(to, path)
    const there = lstatSync(target, { throwIfNoEntry: false })
    if (there && !there.isDirectory()) rmSync(target, { force: true })
    if (!there?.isDirectory()) mkdirSync(target)
    else if ((there.mode & 0o700) !== 0o700) chmodSync(target, (there.mode & 0o7777) | 0o700)
    folders.set(path, undefined)
  }

  return {
    ensure,
    add(path, stat) {
      ensure(path)
      folders.set(path, stat)
    },
    finish() {
      for (const [path, stat] of [...folders].toReversed()) {
        if (!stat) continue
        // Its owner must stay able to delete it.
        chmodSync(join(to, path), (stat.mode & 0o777) | 0o700)
        utimesSync(join(to, path), stat.atime, stat.mtime)
      }
    },
  }
}

function copyLink(source: string, target: string): number | undefined {
  try {
    const { atime, mtime } = lstatSync(source)
    const text = readlinkSync(source)
    rmSync(target, { recursive: true, force: true })
    symlinkSync(text, target)
    lutimesSync(target, atime, mtime)
    return 0
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const buffer = Buffer.allocUnsafe(SMALL)

function copySmall(source: string, target: string, path: string): number | 'large' | undefined {
  const from = openNow(source, path)
  if (from === undefined) return undefined
  try {
    const stat = fstatSync(from)
    if (!stat.isFile()) return undefined
    if (stat.size > SMALL) return 'large'
    const size = readSync(from, buffer, 0, SMALL, 0)
    const into = createNow(target)
    try {
      writeFileSync(into, buffer.subarray(0, size))
      fchmodSync(into, stat.mode & 0o777)
      futimesSync(into, stat.atime, stat.mtime)
    } finally {
      closeSync(into)
    }
    return size
  } finally {
    closeSync(from)
  }
}

function openNow(source: string, path: string): number | undefined {
  try {
    return openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isGone(error)) return undefined
    throw openingFailed(path, error)
  }
}

/** A new file; what is in the way goes. */
function createNow(path: string): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  try {
    return openSync(path, flags, 0o600)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    rmSync(path, { recursive: true, force: true })
    return openSync(path, flags, 0o600)
  }
}

async function copyLarge(root: string, path: string, target: string): Promise<number | undefined> {
  const source = await openInside(root, path)
  if (!source) return undefined
  try {
    const { mode, size, atime, mtime } = source.stat
    rmSync(target, { recursive: true, force: true })
    await copyFile(source.path, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    await chmod(target, mode & 0o777)
    await utimes(target, atime, mtime)
    return size
  } finally {
    await source.handle.close()
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(LARGE_AT_ONCE, items.length) }, worker))
}
