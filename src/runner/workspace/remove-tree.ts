import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Moves what is to be deleted out of the way at once and deletes it when there is time. */
export interface Trash {
  discard(path: string): void
  /** Resolves when all that was in it is gone from the disk. Never rejects; more may be discarded meanwhile. */
  empty(): Promise<void>
}

let moved = 0

/** `folder` must be on the file system of what is discarded. */
export function openTrash(folder: string): Trash {
  return {
    discard(path) {
      mkdirSync(folder, { recursive: true })
      const target = join(folder, `${process.pid}-${moved++}`)
      try {
        renameSync(path, target)
      } catch (error) {
        if (
          !(error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))
        )
          throw error
        // A folder that may not be written to cannot be moved.
        chmodSync(path, 0o700)
        renameSync(path, target)
      }
    },
    async empty() {
      for (const name of readdirSync(folder)) await removeTree(join(folder, name))
    },
  }
}

/** Deletes a folder with everything below, also what was made unreadable. What cannot be deleted stays: the next try is soon. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch {
    openUp(path)
    await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

function openUp(path: string): void {
  try {
    if (!lstatSync(path).isDirectory()) return
    chmodSync(path, 0o700)
    for (const name of readdirSync(path)) openUp(join(path, name))
  } catch {
    // not ours; `rm` will stop there
  }
}
