import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'

export interface TemporaryFile {
  /** Read-only, at its beginning. */
  readonly descriptor: number
  close(): void
}

/** A file that exists only as a descriptor: a job's script is not on any command line, and no other job finds it on the disk. */
export function temporaryFile(folder: string, content: string | Uint8Array): TemporaryFile {
  const path = `${folder}/${randomBytes(9).toString('base64url')}`
  const writing = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
  try {
    const bytes = Buffer.from(content)
    for (let at = 0; at < bytes.length;) at += writeSync(writing, bytes, at)
    const descriptor = openSync(path, constants.O_RDONLY)
    return { descriptor, close: () => closeSync(descriptor) }
  } finally {
    closeSync(writing)
    unlinkSync(path)
  }
}
