import { createHash } from 'node:crypto'
import { constants, open, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** A file of a folder, as far as a reader of CI files wants it. */
export interface FolderFile {
  readonly bytes: Buffer
  /** SHA-256 of the bytes. */
  readonly identity: string
}

/** Above the limit that YAML has, whose message then tells. */
const MOST_BYTES = 3 * 1024 * 1024
const MOST_PATHS = 100_000

/**
 * A regular file below a folder; undefined when there is none, and for whatever leads out of it: `..`, absolute paths,
 * symbolic links.
 */
export async function readFolderFile(folder: string, path: string): Promise<FolderFile | undefined> {
  if (!isInnerPath(path)) return undefined
  try {
    const root = await realpath(folder)
    const target = await realpath(join(root, path))
    if (!target.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined
    const bytes = await readRegularFile(target)
    return bytes && { bytes, identity: createHash('sha256').update(bytes).digest('hex') }
  } catch {
    return undefined
  }
}

function isInnerPath(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

async function readRegularFile(path: string): Promise<Buffer | undefined> {
  // Opening a pipe without this flag would wait for somebody to write into it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) return undefined
    const bytes = Buffer.alloc(Math.min(stats.size, MOST_BYTES))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Paths of the files below a folder, sorted; links to folders are not followed, `.git` is left out. */
export async function folderPaths(folder: string): Promise<readonly string[]> {
  const paths: string[] = []
  const waiting = ['']
  for (let below = waiting.pop(); below !== undefined && paths.length < MOST_PATHS; below = waiting.pop()) {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (entry.name === '.git') continue
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) waiting.push(path)
      else paths.push(path)
    }
  }
  return paths.toSorted((a, b) => (a < b ? -1 : 1))
}
