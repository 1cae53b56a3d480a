// Where git writes blobs without seeing the user's objects. It would renew the time of each object (or pack) that already holds
// what it is asked to write, so that a cleaning does not take it, and thereby touch files of the user's repository.
import { existsSync, lstatSync, readFileSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { CatFile } from './cat-file.ts'
import { makeObject, writeLooseObject } from './loose-object.ts'
import { onDisk } from './work-tree-status.ts'
import type { ChangedFile } from './work-tree-status.ts'

/**
 * Lends git the blobs that it wants to look at: with automatic line endings it keeps CRLF in a file whose tracked content has
 * them. That matters only for files that hold CRLF now.
 */
export async function lendBlobs(
  objectFolder: string,
  lending: { readonly root: string; readonly changed: readonly ChangedFile[]; readonly objects: CatFile },
): Promise<void> {
  for (const { path, indexId } of lending.changed) {
    if (!holdsCrlf(onDisk(lending.root, path))) continue
    const blob = await lending.objects.contents(indexId, textLimit)
    if (blob?.type === 'blob' && blob.bytes)
      writeLooseObject(objectFolder, makeObject('blob', blob.bytes, indexId.length))
  }
}

/**
 * Whether git can do without the user's objects to update this index. It silently loses the folders that a sparse index keeps
 * folded (extension `sdir`, gitformat-index(5)) when it cannot read their trees.
 */
export function canStayApart(index: string): boolean {
  return !(existsSync(index) && readFileSync(index).includes('sdir\0\0\0\0'))
}

/** Moves all objects into another object folder of the same file system, for good. */
export function moveObjects(from: string, to: string): void {
  for (const folder of readdirSync(from)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue
    if (!moveFolder(join(from, folder), join(to, folder))) {
      for (const name of readdirSync(join(from, folder)))
        renameSync(join(from, folder, name), join(to, folder, name))
    }
  }
  const packs = readdirSync(join(from, 'pack'))
  // The index makes a pack visible, so it comes last.
  for (const name of packs.toSorted((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx')))) {
    renameSync(join(from, 'pack', name), join(to, 'pack', name))
  }
}

/** In one piece; false when there is one with files already. */
function moveFolder(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))
      return false
    throw error
  }
}

/** Larger files are not text that anyone would convert. */
const textLimit = 64 * 1024 * 1024

function holdsCrlf(path: Buffer): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat !== undefined && stat.isFile() && stat.size <= textLimit && readFileSync(path).includes('\r\n')
}
