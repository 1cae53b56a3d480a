import type { Config } from '../ci/config.ts'
import type { LoadFailure } from '../ci/load.ts'
import type { Result } from '../shared/result.ts'

type Loaded = Result<Config, LoadFailure>

/** So many documents are kept; the oldest one goes first. */
const MOST_ENTRIES = 32

const loaded = new Map<string, Loaded>()

/**
 * What a composition was read into, by its key: the names and blobs of all its files, how they are nested and what their
 * inputs became. Beyond that a document does not depend on ref, commit or variables, so every pipeline of the same files
 * shares it.
 */
export function cachedConfig(key: string, read: () => Loaded): Loaded {
  const known = loaded.get(key)
  if (known !== undefined) return known
  const fresh = read()
  loaded.set(key, fresh)
  for (const oldest of loaded.keys()) {
    if (loaded.size <= MOST_ENTRIES) break
    loaded.delete(oldest)
  }
  return fresh
}
