import { watch } from 'chokidar'
import { join } from 'node:path'
import { concernsRefs, isRefFolder } from './git-folders.ts'

export interface Hints {
  close(): Promise<void>
}

/**
 * What file events tell. They are never facts: git renames, packs and unlinks files for branches that stand still, and
 * some changes give none.
 */
export interface HintListener {
  /** Something about the refs may have changed. */
  hint(): void
  /** A folder went away, and with it the events from below; the same path needs a new watch. */
  lost(): void
  /** The system does not watch so many folders, or this one: there may be changes without a hint. */
  limited(why: string): void
}

/** Listens to the folders that hold the refs of a git directory. */
export function watchRefs(folder: string, listener: HintListener): Hints {
  const watcher = watch(folder, {
    ignoreInitial: true,
    // Folders tell of the files in them; a watch for each of 50,000 loose refs would cost as many handles.
    ignored: (path, stats) => (stats ? !stats.isDirectory() || !isRefFolder(folder, path) : false),
    followSymlinks: false,
  })
  watcher.on('raw', (_event, name, details) => {
    if (concernsRefs(folder, join(watchedPath(details) ?? folder, name))) listener.hint()
  })
  watcher.on('unlinkDir', (path) => {
    if (LASTING.some((part) => path === join(folder, part))) listener.lost()
  })
  watcher.on('error', (error) => listener.limited(error instanceof Error ? error.message : String(error)))
  watcher.on('ready', () => listener.hint())
  return { close: () => watcher.close() }
}

/** Folders that git never takes away from a repository that lives. */
const LASTING = ['', 'refs', 'refs/heads', 'refs/tags', 'reftable']

/** chokidar tells it beside the name, without a type. */
function watchedPath(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return undefined
  return typeof details.watchedPath === 'string' ? details.watchedPath : undefined
}
