import { watch } from 'chokidar'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../platform/clock.ts'

/** Editors write in several steps, and put a new file in the place of the old one. */
const CALM_MS = 50
/** Links that are turned, network file systems: not everything is told. */
const POLL_MS = 2000

/** Calls `changed` when the file may have another content, is gone or is back. Returns what ends that. */
export function followFile(path: string, clock: Clock, changed: () => void): () => Promise<void> {
  let cancel: (() => void) | undefined
  let cancelPoll: (() => void) | undefined
  let known = fingerprint(path)

  function hint(): void {
    cancel?.()
    cancel = clock.after(CALM_MS, () => {
      cancel = undefined
      known = fingerprint(path)
      changed()
    })
  }

  function poll(): void {
    if (fingerprint(path) !== known) hint()
    cancelPoll = clock.after(POLL_MS, poll)
  }

  const folder = dirname(path)
  // The folder, not the file: what is renamed over it is another file.
  const watcher = watch(folder, {
    ignoreInitial: true,
    depth: 0,
    ignored: (each) => each !== folder && each !== path,
  })
  watcher.on('all', (_event, at) => {
    if (at === path) hint()
  })
  watcher.on('error', () => undefined)
  cancelPoll = clock.after(POLL_MS, poll)
  return async () => {
    cancel?.()
    cancelPoll?.()
    await watcher.close()
  }
}

function fingerprint(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    return ''
  }
}
