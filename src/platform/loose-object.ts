import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { isMissing } from './files.ts'
import { randomToken } from './random.ts'

/** An object as git stores it: type, size, NUL, content; its id is the hash of that. */
export interface GitObject {
  readonly id: string
  readonly stored: Buffer
}

/** `idLength` 40 or 64: the length of the repository's ids in hexadecimal digits. */
export function makeObject(type: 'blob' | 'tree', content: Buffer, idLength: number): GitObject {
  const stored = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
  return {
    id: createHash(idLength === 64 ? 'sha256' : 'sha1')
      .update(stored)
      .digest('hex'),
    stored,
  }
}

/** Writes an object into an object folder; one that is there already is replaced by the same. */
export function writeLooseObject(objectFolder: string, object: GitObject): void {
  const folder = join(objectFolder, object.id.slice(0, 2))
  // git's own name for an object that is being written, which its cleaning knows.
  const temporary = join(folder, `tmp_obj_${randomToken('', 6)}`)
  const write = (): void => writeFileSync(temporary, wrap(object.stored), { flag: 'wx', mode: 0o444 })
  try {
    write()
  } catch (error) {
    if (!isMissing(error)) throw error
    mkdirSync(folder, { recursive: true })
    write()
  }
  renameSync(temporary, join(folder, object.id.slice(2)))
}

/** zlib's form without compression: trees are mostly ids, which do not get smaller, and trying costs twenty times as much. */
function wrap(stored: Buffer): Buffer {
  return deflateSync(stored, { level: 0, memLevel: 1, chunkSize: stored.length + 128 })
}
