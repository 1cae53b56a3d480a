import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { snapshotFolder } from '../platform/snapshot.ts'

/** Beyond so many entries a look at each costs more than git's own look. */
const MOST_ENTRIES = 5000
/** A file that changed so shortly before the look could change again within the same tick of the file system's clock. */
const TOO_FRESH_MS = 100

/**
 * Keeps the snapshot of a plain folder up to date. Callers who ask at once share one look; a folder in which no entry's change
 * time, size or mode differs from the last time is not read again. Rejects with git's own words.
 */
export function folderSnapshots(folder: string, gitDir: string, branch: string): () => Promise<void> {
  let known: string | undefined
  let running: Promise<void> | undefined

  async function look(): Promise<void> {
    const seen = stateOf(folder)
    if (seen !== undefined && seen === known) return
    known = undefined
    await snapshotFolder(folder, gitDir, branch)
    known = seen
  }

  return () => {
    // A snapshot that has begun may have passed over a file written since: ask it to be followed by another.
    const next = (running ?? Promise.resolve()).catch(() => undefined).then(look)
    running = next
    return next
  }
}

/** The change time, size and mode of everything in a folder; undefined when that would not tell of a later change. */
function stateOf(folder: string): string | undefined {
  const freshest = Date.now() - TOO_FRESH_MS
  const rows: string[] = []
  for (const folders = [folder]; folders.length > 0;) {
    const current = folders.pop() ?? ''
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name)
      const { ctimeMs, size, mode, ino } = lstatSync(path)
      if (ctimeMs > freshest || rows.length > MOST_ENTRIES) return undefined
      rows.push(`${path} ${ctimeMs} ${size} ${mode} ${ino}`)
      if (entry.isDirectory()) folders.push(path)
    }
  }
  return rows.join('\n')
}
