import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { isMissing } from './bare-repository.ts'
import { randomToken } from './random.ts'

/** An object as git stores it: type, size, NUL, content; its id is the hash of that. */
export interface GitObject {
  readonly id: string
  readonly stored: Buffer
}

/** `idLength` 40 or 64: the length of the repository's ids in hexadecimal digits. */
export function makeObject(type: 'blob' | 'tree', content: Buffer, idLength: number): GitObject {
  const stored = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
  return { id: createHash(idLength === 64 ? 'sha256' : 'sha1').update(stored).digest('hex'), stored }
}

/** Writes an object into an object folder; one that is there already is replaced by the same. */
export function writeLooseObject(objectFolder: string, object: GitObject): void {
  const folder = join(objectFolder, object.id.slice(0, 2))
  // git's own name for an object that is being written, which its cleaning knows.
  const temporary = join(folder, `tmp_obj_${randomToken('', 6)}`)
  const write = (): void => writeFileSync(temporary, deflateSync(object.stored, quick), { flag: 'wx', mode: 0o444 })
  try {
    write()
  } catch (error) {
    if (!isMissing(error)) throw error
    mkdirSync(folder, { recursive: true })
    write()
  }
  renameSync(temporary, join(folder, object.id.slice(2)))
}

/** As git does for loose objects; the small table spares more time than the better compression would be worth. */
const quick = { level: 1, memLevel: 4 } as const
