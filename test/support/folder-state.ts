import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Every entry below a folder with its mode and its content's hash: two that are equal mean that nothing was touched. */
export function folderState(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    entries
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path.slice(folder.length + 1), describeEntry(path)]),
  )
}

function describeEntry(path: string): string {
  const stat = lstatSync(path)
  const mode = stat.mode.toString(8)
  if (stat.isSymbolicLink()) return `${mode} -> ${readlinkSync(path)}`
  if (!stat.isFile()) return mode
  return `${mode} ${stat.mtimeMs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`
}
