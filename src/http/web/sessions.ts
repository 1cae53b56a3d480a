import { createHash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import { randomToken } from '../../platform/random.ts'
import { LOCAL_USER_ID } from '../../model/user.ts'

/** A printed link that nobody opened is worth nothing after a day. */
const LINK_LIFETIME_MS = 24 * 3600_000
export const SESSION_LIFETIME_MS = 30 * 24 * 3600_000
const SECRET_BYTES = 32
/** Old ones make room: nobody has so many browsers. */
const MAX_KEPT = 1000

/** Who is logged in, in this process only: a restart asks for a new link. Of every secret only its hash is kept. */
export interface Sessions {
  /** A secret that opens one session for the owner of the machine. */
  offerLogin(): string
  /** Spends such a secret: the new session's secret, or undefined when it is unknown, spent or old. */
  spendLogin(secret: string): string | undefined
  /** A session for a user who has proven to be one. */
  open(userId: number): string
  userOf(secret: string): number | undefined
}

interface Entry {
  readonly userId: number
  readonly until: number
}

export function openSessions(clock: Clock): Sessions {
  const logins = new Map<string, Entry>()
  const sessions = new Map<string, Entry>()

  function issue(entries: Map<string, Entry>, userId: number, lifetime: number): string {
    const now = clock.now()
    for (const [hash, entry] of entries)
      if (entry.until <= now || entries.size >= MAX_KEPT) entries.delete(hash)
    const secret = randomToken('', SECRET_BYTES)
    entries.set(hashOf(secret), { userId, until: now + lifetime })
    return secret
  }

  function holderOf(entries: ReadonlyMap<string, Entry>, secret: string): number | undefined {
    const entry = entries.get(hashOf(secret))
    return entry && entry.until > clock.now() ? entry.userId : undefined
  }

  return {
    offerLogin: () => issue(logins, LOCAL_USER_ID, LINK_LIFETIME_MS),
    spendLogin(secret) {
      const userId = holderOf(logins, secret)
      logins.delete(hashOf(secret))
      return userId === undefined ? undefined : issue(sessions, userId, SESSION_LIFETIME_MS)
    },
    open: (userId) => issue(sessions, userId, SESSION_LIFETIME_MS),
    userOf: (secret) => holderOf(sessions, secret),
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64')
}
