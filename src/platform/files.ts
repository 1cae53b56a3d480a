import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { randomToken } from './random.ts'

/**
 * Replaces a file so that after a crash it holds either the old or the new content, whole, and after this resolves the new one.
 * `mode` is that of the new file (default 0600). Rejects with the file system's error, leaving the old file.
 */
export async function writeFileDurably(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const temporary = `${path}.${randomToken('', 9)}.tmp`
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(content)
      // The umask may have taken bits away.
      await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes a folder and its parents, readable by its owner only; an existing one is closed to others. */
export function ensurePrivateDir(path: string): void {
  makeFolders(path)
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700)
}

/** Node's own `recursive` never returns where a folder exists and nothing can be made in it, as below /proc. */
function makeFolders(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST' && statSync(path).isDirectory())
      return
    if (!isMissing(error) || existsSync(dirname(path))) throw error
    makeFolders(dirname(path))
    mkdirSync(path, { mode: 0o700 })
  }
}

/** Whether a call of the file system failed because there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** What was made, renamed or removed in a folder is still so after a crash. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What is in a folder, in order; nothing when there is none. Rejects with the file system's error otherwise. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
