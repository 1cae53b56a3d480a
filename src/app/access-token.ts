import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOCAL_USER_ID } from '../model/user.ts'
import { writeFileDurably } from '../platform/files.ts'
import { randomToken } from '../platform/random.ts'
import type { Store } from '../store/store.ts'

export interface AccessTokenFile {
  readonly path: string
  /** It was made now. */
  readonly isNew: boolean
}

/** GitLab: a personal access token is `glpat-` and 20 characters. */
const TOKEN_BYTES = 15

/**
 * The local user's token in `<state>/access-token` (0600, the token and a newline): made at first start, kept over restarts.
 * The database knows its fingerprint only. Rejects with the file system's error.
 */
export async function ensureAccessToken(store: Store, now: number): Promise<AccessTokenFile> {
  const path = join(store.stateDir, 'access-token')
  const kept = readToken(path)
  const token = kept ?? randomToken('glpat-', TOKEN_BYTES)
  if (!store.accessTokens.findByToken(token)) {
    store.write('full', () =>
      store.accessTokens.add({ userId: LOCAL_USER_ID, name: 'local', token, scopes: ['api'] }, now),
    )
  }
  if (kept === undefined) await writeFileDurably(path, `${token}\n`, 0o600)
  return { path, isNew: kept === undefined }
}

/** Undefined when there is none yet, or what is there is no token. */
function readToken(path: string): string | undefined {
  try {
    const token = readFileSync(path, 'utf8').trim()
    return /^glpat-[A-Za-z0-9_-]{20,}$/.test(token) ? token : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
