import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '../../platform/clock.ts'

/**
 * A checkout is waited for so long; a lock that is older is that of an editor with a commit message, or of a git that
 * was killed.
 */
const LOCK_PATIENCE_MS = 3000

/**
 * Tells whether git is writing this work tree at the moment: it holds `index.lock` during a checkout, a merge or a step of a
 * rebase, and what lies on the disk then is neither the old commit nor the new one.
 */
export function indexLock(root: string, clock: Pick<Clock, 'monotonic'>): () => boolean {
  let lock: { readonly identity: string; readonly since: number } | undefined
  return () => {
    const identity = identityOf(join(gitDirOf(root), 'index.lock'))
    if (identity === undefined) {
      lock = undefined
      return false
    }
    if (lock?.identity !== identity) lock = { identity, since: clock.monotonic() }
    return clock.monotonic() - lock.since < LOCK_PATIENCE_MS
  }
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && `${stats.ino} ${stats.birthtimeMs}`
}

/** A linked work tree and a submodule have a file in the place of the folder. */
function gitDirOf(root: string): string {
  const entry = join(root, '.git')
  try {
    return resolve(
      root,
      readFileSync(entry, 'utf8')
        .replace(/^gitdir: /, '')
        .trimEnd(),
    )
  } catch {
    return entry
  }
}
