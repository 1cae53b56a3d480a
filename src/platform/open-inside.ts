import { closeSync, constants, openSync, readlinkSync, realpathSync, type Stats } from 'node:fs'
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** A file of a tree that somebody else may be changing meanwhile. */
export interface OpenFile {
  readonly handle: FileHandle
  /** A name of exactly this file for as long as it is open; elsewhere than on Linux the path. */
  readonly path: string
  readonly stat: Stats
}

/**
 * Opens a regular file below a folder for reading. Undefined: it is gone, it is no regular file any more, or the way to it now leads
 * out of the folder by a link. `root` must be a real path (see `realRoot`). The caller closes it.
 */
export async function openInside(root: string, path: string): Promise<OpenFile | undefined> {
  const full = join(root, path)
  // A FIFO put in the file's place must not keep us waiting.
  const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (isGone(error)) return undefined
      throw error
    },
  )
  if (!handle) return undefined
  try {
    const stat = await handle.stat()
    const proc = `/proc/self/fd/${handle.fd}`
    const really = process.platform === 'linux' ? await readlink(proc) : await realpath(full)
    if (stat.isFile() && really.startsWith(`${root}/`))
      return { handle, path: process.platform === 'linux' ? proc : full, stat }
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return undefined
}

/** A folder below a root that stays the same one while it is open, whatever is put in its place. */
export interface SourceFolder {
  /** Relative to the root. */
  readonly folder: string
  /** A name for it; elsewhere than on Linux its path. */
  readonly path: string
  close(): void
}

/** Undefined: it is gone, or the way to it leads out by a link. `root` must be a real path. */
export function openSourceFolder(root: string, folder: string): SourceFolder | undefined {
  const full = join(root, folder)
  try {
    const descriptor = openSync(full, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    const isLinux = process.platform === 'linux'
    const proc = `/proc/self/fd/${descriptor}`
    const really = isLinux ? readlinkSync(proc) : realpathSync(full)
    if (really === root || really.startsWith(`${root}/`))
      return { folder, path: isLinux ? proc : full, close: () => closeSync(descriptor) }
    closeSync(descriptor)
    return undefined
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** The folder without links on the way to it. */
export function realRoot(root: string): Promise<string> {
  return realpath(root)
}

/** ELOOP: a link stands there now. ENXIO: a socket. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(String(error.code))
  )
}
