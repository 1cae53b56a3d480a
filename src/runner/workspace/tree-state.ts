import { chmodSync, lstatSync, readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'

/** How every file and folder of a tree looked: paths relative to its root. */
export type TreeState = ReadonlyMap<string, string>

/**
 * Notes a tree; undefined when it has more than `limit` entries, or a name that is not UTF-8. Inode, mode, size and both times
 * tell whether a file was touched: the change time cannot be set back by whoever does not own the clock.
 * `except`: names at the top that are left out.
 */
export function readTree(root: string, limit: number, except: readonly string[] = []): TreeState | undefined {
  const state = new Map<string, string>()
  const complete = visit(root, '', except, (path, entry) => {
    if (state.size >= limit || !isReadable(entry.name)) return 'stop'
    state.set(path, signature(join(root, path), entry))
    return entry.isDirectory() ? 'enter' : 'next'
  })
  return complete ? state : undefined
}

/** Whether nothing in the tree was touched, added or taken away. */
export function isUntouched(root: string, state: TreeState): boolean {
  let same = 0
  const complete = visit(root, '', [], (path, entry) => {
    if (state.get(path) !== signature(join(root, path), entry)) return 'stop'
    same++
    return entry.isDirectory() ? 'enter' : 'next'
  })
  return complete && same === state.size
}

/**
 * Gives everything that was not there, or not so, to `discard`, and puts the modes of folders right. Returns whether something
 * is now missing that must be checked out again.
 */
export function discardChanges(
  root: string,
  state: TreeState,
  except: readonly string[],
  discard: (path: string) => void,
): 'complete' | 'missing' {
  let same = 0
  visit(root, '', except, (path, entry) => {
    const full = join(root, path)
    const known = state.get(path)
    if (known !== undefined && known === signature(full, entry)) same++
    else if (known !== undefined && entry.isDirectory() && known.startsWith('d')) {
      chmodSync(full, Number(known.slice(1)) & 0o7777)
      same++
    } else {
      discard(full)
      return 'next'
    }
    return entry.isDirectory() ? 'enter' : 'next'
  })
  return same === state.size ? 'complete' : 'missing'
}

type Visit = (path: string, entry: Dirent) => 'enter' | 'next' | 'stop'

/** Parents before children; false when the visitor stopped. Links are not followed. */
function visit(root: string, folder: string, except: readonly string[], each: Visit): boolean {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (folder === '' && except.includes(entry.name)) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    const then = each(path, entry)
    if (then === 'stop') return false
    if (then === 'enter' && !visit(root, path, except, each)) return false
  }
  return true
}

/** A folder's times change with every file that comes and goes again; its content is looked at anyway. */
function signature(path: string, entry: Dirent): string {
  const { ino, mode, size, mtimeMs, ctimeMs } = lstatSync(path)
  return entry.isDirectory() ? `d${mode}` : `${ino} ${mode} ${size} ${mtimeMs} ${ctimeMs}`
}

/** Node shows bytes that are no UTF-8 as U+FFFD; such a path cannot be opened by its name. */
function isReadable(name: string): boolean {
  return !name.includes('\uFFFD')
}
