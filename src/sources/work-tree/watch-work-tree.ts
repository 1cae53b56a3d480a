import { lstatSync, readdirSync, watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { ignoredPaths } from './ignored.ts'
import { indexLock } from './index-lock.ts'

export interface WorkTreeWatch {
  /** Resolves when every folder is watched. */
  readonly ready: Promise<void>
  close(): void
}

export interface WorkTreeWatchOptions {
  readonly clock: Clock
  /** Something that git does not ignore was written, made, renamed or removed. A hint: what changed, git says. */
  changed(): void
  /** Once, when this machine does not let all folders be watched: the tree is looked at every few seconds then. */
  limited(message: string): void
}

/** Editors write in several steps; a save is looked at when nothing was written for so long, */
const CALM_MS = 25
/** but not later than this. */
const PATIENCE_MS = 300
const POLL_MS = 2000
/** Half of what inotify's queue holds (`fs.inotify.max_queued_events`): beyond it new folders may have gone unnoticed. */
const MANY_EVENTS = 8192

/**
 * Watches the folders of a work tree that git does not ignore: one watch for each folder, none for files, and nothing below
 * `.git`, `node_modules` or what else is ignored. Repositories inside are passed over.
 */
export function watchWorkTree(root: string, options: WorkTreeWatchOptions): WorkTreeWatch {
  const { clock } = options
  const gitWrites = indexLock(root, clock)
  const watched = new Map<string, { readonly watcher: FSWatcher; readonly ino: number }>()
  let touched = new Set<string>()
  let cancelCalm: (() => void) | undefined
  let cancelPoll: (() => void) | undefined
  let cancelReturn: (() => void) | undefined
  let since: number | undefined
  let events = 0
  let working = Promise.resolve()
  let closed = false

  function add(folder: string): void {
    if (closed || watched.has(folder)) return
    try {
      const at = join(root, folder)
      const { ino } = lstatSync(at)
      const watcher = watch(at, (_event, name) => {
        if (name !== null) hint(folder === '' ? name : `${folder}/${name}`)
      })
      watcher.on('error', () => drop(folder))
      watched.set(folder, { watcher, ino })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'ENOSPC' || code === 'EMFILE' || code === 'ENFILE') pollInstead(String(error))
    }
  }

  function drop(folder: string): void {
    for (const [path, { watcher }] of watched) {
      if (path !== folder && folder !== '' && !path.startsWith(`${folder}/`)) continue
      watcher.close()
      watched.delete(path)
    }
  }

  /** Level by level, so that git is asked once for each depth. */
  async function scan(start: readonly string[]): Promise<void> {
    for (let level = start; level.length > 0 && !closed;) {
      level.forEach(add)
      const below = level.flatMap((folder) => foldersIn(root, folder))
      const ignored = await ignoredPaths(root, below)
      level = below.filter((folder) => !ignored.has(folder))
    }
  }

  function hint(path: string): void {
    if (closed || path === '.git' || path.startsWith('.git/')) return
    touched.add(path)
    events++
    const now = clock.monotonic()
    since ??= now
    cancelCalm?.()
    cancelCalm = clock.after(Math.max(0, Math.min(CALM_MS, since + PATIENCE_MS - now)), flush)
  }

  function flush(): void {
    if (gitWrites()) {
      cancelCalm = clock.after(CALM_MS, flush)
      return
    }
    const paths = [...touched]
    const many = events >= MANY_EVENTS
    touched = new Set()
    events = 0
    since = cancelCalm = undefined
    working = working.then(() => settle(paths, many)).catch(() => options.changed())
  }

  async function settle(paths: readonly string[], many: boolean): Promise<void> {
    if (closed) return
    const top = watched.get('')
    if (top && stateOf(root)?.folder !== top.ino) return awaitReturn()
    const rules = paths.some((path) => path === '.gitignore' || path.endsWith('/.gitignore'))
    const ignored = rules ? new Set<string>() : await ignoredPaths(root, paths)
    const wanted = paths.filter((path) => !ignored.has(path))
    if (wanted.length === 0 || closed) return
    options.changed()
    if (rules || many) return scanAnew()
    const found: string[] = []
    for (const path of wanted) {
      const state = stateOf(join(root, path))
      const known = watched.get(path)
      if (known && known.ino !== state?.folder) drop(path)
      if (state?.folder !== undefined && !watched.has(path) && !isRepository(join(root, path)))
        found.push(path)
    }
    await scan(found)
    // What was written into a new folder before it was watched.
    if (found.length > 0) options.changed()
  }

  /** What is written while no folder is watched is looked for afterwards. */
  async function scanAnew(): Promise<void> {
    drop('')
    await scan([''])
    options.changed()
  }

  /** The root was moved away or removed: no event will tell when there is one again. */
  function awaitReturn(): void {
    drop('')
    options.changed()
    const look = (): void => {
      if (stateOf(root)?.folder === undefined) cancelReturn = clock.after(POLL_MS, look)
      else working = working.then(scanAnew).catch(() => options.changed())
    }
    cancelReturn = clock.after(POLL_MS, look)
  }

  function pollInstead(message: string): void {
    if (cancelPoll) return
    options.limited(message)
    const poll = (): void => {
      options.changed()
      cancelPoll = clock.after(POLL_MS, poll)
    }
    cancelPoll = clock.after(POLL_MS, poll)
  }

  return {
    ready: scan(['']).catch((error: unknown) => pollInstead(String(error))),
    close() {
      closed = true
      cancelCalm?.()
      cancelPoll?.()
      cancelReturn?.()
      drop('')
    },
  }
}

function foldersIn(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== '.git')
      .map((entry) => (folder === '' ? entry.name : `${folder}/${entry.name}`))
      .filter((path) => !isRepository(join(root, path)))
  } catch {
    return [] // it is gone again
  }
}

function isRepository(folder: string): boolean {
  return stateOf(join(folder, '.git')) !== undefined
}

/** `folder`: the folder's inode; undefined for a file. */
function stateOf(path: string): { readonly folder: number | undefined } | undefined {
  try {
    const stats = lstatSync(path)
    return { folder: stats.isDirectory() ? stats.ino : undefined }
  } catch {
    return undefined
  }
}
