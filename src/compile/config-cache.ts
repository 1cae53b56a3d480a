import type { Config } from '../ci/config.ts'
import type { LoadFailure } from '../ci/load.ts'
import type { Result } from '../shared/result.ts'

type Loaded = Result<Config, LoadFailure>

/** Documents of this many files are kept; the oldest one goes first. */
const MOST_ENTRIES = 32

const loaded = new Map<string, Loaded>()

/**
 * What a file was read into, by its blob and its path (the path stands in every diagnostic). A document does
 * not depend on ref, commit or variables, so every pipeline of the same file shares it.
 */
export async function cachedConfig(
  key: { readonly blobId: string; readonly path: string },
  read: () => Promise<Loaded>,
): Promise<Loaded> {
  const name = `${key.blobId}\0${key.path}`
  const known = loaded.get(name)
  if (known !== undefined) return known
  const fresh = await read()
  loaded.set(name, fresh)
  for (const oldest of loaded.keys()) {
    if (loaded.size <= MOST_ENTRIES) break
    loaded.delete(oldest)
  }
  return fresh
}
