import { watch } from 'chokidar'
import { join } from 'node:path'
import { concernsRefs, isRefFolder } from './git-folders.ts'

export interface Hints {
  close(): Promise<void>
}

/**
 * Calls `hint` when something about the refs below `folder` may have changed. Hints are never facts: git renames, packs and
 * unlinks files for branches that stand still, and some changes give none.
 */
export function watchRefs(folder: string, hint: () => void): Hints {
  const watcher = watch(folder, {
    ignoreInitial: true,
    // Folders tell of the files in them; a watch for each of 50,000 loose refs would cost as many handles.
    ignored: (path, stats) => (stats ? !stats.isDirectory() || !isRefFolder(folder, path) : false),
    followSymlinks: false,
  })
  watcher.on('raw', (_event, name, details) => {
    if (concernsRefs(folder, join(watchedPath(details) ?? folder, name))) hint()
  })
  // A folder that cannot be watched any more (too many handles, gone): the slow look goes on.
  watcher.on('error', hint)
  watcher.on('ready', hint)
  return { close: () => watcher.close() }
}

/** chokidar tells it beside the name, without a type. */
function watchedPath(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return undefined
  return typeof details.watchedPath === 'string' ? details.watchedPath : undefined
}
