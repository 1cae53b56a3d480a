import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FileAtCommit } from './git.ts'

/**
 * A file below a folder (a real path), with the id git would give it; undefined for what is no regular file, lies behind a link
 * or outside of the folder.
 */
export function readRegularFile(root: string, path: string): FileAtCommit | undefined {
  // As git has it: no path of a tree has such parts.
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return undefined
  const file = join(root, path)
  try {
    if (realpathSync(file) !== file || !statSync(file).isFile()) return undefined
    const bytes = readFileSync(file)
    const blobId = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
    return { blobId, bytes }
  } catch {
    return undefined // gone, or not ours to read
  }
}
