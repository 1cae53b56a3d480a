import { constants, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isMissing } from './files.ts'
import { openInside, realRoot, type OpenFile } from './open-inside.ts'
import { readAndClose } from './read-pieces.ts'
import { writeZip, type ZipEntry } from './zip-writer.ts'

/** One entry of an archive that is kept as a folder. */
export interface ArchiveEntry {
  /** Relative, with `/`. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  /** Bytes; of folders and links 0. */
  readonly size: number
  /** Permissions. */
  readonly mode: number
  /** Milliseconds since the epoch. */
  readonly mtime: number
}

type ZipFile = Extract<ZipEntry, { kind: 'file' }>

/** What an archive holds, by path. Links are listed, never followed. Throws the file system's error when the folder is gone. */
export function archiveEntries(folder: string): ArchiveEntry[] {
  const entries: ArchiveEntry[] = []
  const waiting = ['']
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    for (const name of readdirSync(join(folder, below))) {
      const path = below === '' ? name : `${below}/${name}`
      const stat = lstatSync(join(folder, path), { throwIfNoEntry: false })
      const kind = stat?.isDirectory() ? 'folder' : stat?.isSymbolicLink() ? 'link' : 'file'
      if (!stat || (kind === 'file' && !stat.isFile())) continue
      const size = kind === 'file' ? stat.size : 0
      entries.push({ path, kind, size, mode: stat.mode & 0o777, mtime: stat.mtimeMs })
      if (kind === 'folder') waiting.push(path)
    }
  }
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * An archive as a zip, made while it is read: entries by name, modes, times and links kept. Ends with the file system's error when the
 * folder cannot be read.
 */
export function openArchiveZip(folder: string): Readable {
  return Readable.from(zipOf(folder), { objectMode: false, highWaterMark: 1 << 18 })
}

async function* zipOf(folder: string): AsyncGenerator<Buffer> {
  const root = await realRoot(folder)
  yield* writeZip(zipEntries(root, archiveEntries(root)))
}

function* zipEntries(root: string, entries: readonly ArchiveEntry[]): Generator<ZipEntry> {
  for (const entry of entries) {
    const { path, kind, size, mode, mtime } = entry
    const named = { name: path, mode, mtime }
    if (kind === 'folder') yield { ...named, kind }
    else if (kind === 'link') yield { ...named, kind, mode: 0o777, target: readlinkSync(join(root, path)) }
    else yield { ...named, kind, size, open: () => contentOf(root, entry) }
  }
}

/** Small files at once: the folder is ours, and nobody writes into it any more. */
const SMALL = 1 << 16

function contentOf(root: string, { path, size }: ArchiveEntry): ReturnType<ZipFile['open']> {
  if (size > SMALL) return openLarge(root, path)
  const flag = constants.O_RDONLY | constants.O_NOFOLLOW
  try {
    return readFileSync(join(root, path), { flag } as unknown as { flag: string })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function openLarge(root: string, path: string): Promise<AsyncIterable<Buffer> | undefined> {
  const file = await openInside(root, path)
  return file && readAndClose(file.handle, file.stat.size)
}

/**
 * One file of an archive, to be closed by the caller. Undefined: there is none of this path, it is a folder or a link, or a link leads
 * out. Paths with `..` are for the caller to refuse (GitLab: 400); here they are no file.
 */
export async function openArchiveFile(folder: string, path: string): Promise<OpenFile | undefined> {
  if (path === '' || path.startsWith('/') || path.includes('\0') || path.split('/').includes('..'))
    return undefined
  try {
    return await openInside(await realRoot(folder), path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENAMETOOLONG' || code === 'ENOTDIR') return undefined
    throw error
  }
}
