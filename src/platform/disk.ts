import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing } from './files.ts'

/** Bytes that an unprivileged process may still write where `path` is or, if it does not exist yet, will be. */
export async function freeBytes(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    } catch (error) {
      if (!isMissing(error) || folder === dirname(folder)) throw error
    }
  }
}
