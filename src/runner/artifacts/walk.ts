import { lstatSync, type Dirent, type Stats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface TreeEntry {
  /** Relative to the root, with `/`. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link' | 'special'
}

/** Everything below a folder, parents first. Links are listed, never followed. A folder that is gone or closed has nothing below. */
export async function* walkBelow(
  root: string,
  folder: string,
  deepest = Infinity,
): AsyncGenerator<TreeEntry> {
  if (deepest <= 0) return
  for (const entry of await entriesOf(join(root, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    const kind = kindOf(entry)
    yield { path, kind }
    if (kind === 'folder') yield* walkBelow(root, path, deepest - 1)
  }
}

/** What stands at a path; undefined when nothing does, or when the way there leads through a link. */
export function entryAt(root: string, path: string): TreeEntry | undefined {
  const parts = path.split('/')
  for (let depth = 1; depth < parts.length; depth++) {
    if (!statOf(join(root, ...parts.slice(0, depth)))?.isDirectory()) return undefined
  }
  const stat = statOf(join(root, path))
  return stat && { path, kind: kindOf(stat) }
}

/** A name that no file can have (too long, with a zero byte) is not there either. */
function statOf(path: string): Stats | undefined {
  if (path.includes('\0')) return undefined
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENAMETOOLONG' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EACCES')
      return undefined
    throw error
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

function kindOf(entry: {
  isDirectory(): boolean
  isFile(): boolean
  isSymbolicLink(): boolean
}): TreeEntry['kind'] {
  if (entry.isDirectory()) return 'folder'
  if (entry.isSymbolicLink()) return 'link'
  return entry.isFile() ? 'file' : 'special'
}
