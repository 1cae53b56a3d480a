import { createHash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import { randomToken } from '../../platform/random.ts'
import { LOCAL_USER_ID } from '../../model/user.ts'

/** A printed link that nobody opened is worth nothing after a day. */
const LINK_LIFETIME_MS = 24 * 3600_000
export const SESSION_LIFETIME_MS = 30 * 24 * 3600_000
/** A page that was left open may load itself again and still say what was done. */
const WORD_LIFETIME_MS = 60_000
const SECRET_BYTES = 32
const WORD_BYTES = 9
/** Old ones make room: nobody has so many browsers. */
const MAX_KEPT = 1000

/** What a page says about the form that led to it. */
export interface Said {
  readonly kind: 'done' | 'problem'
  readonly text: string
  /** A token that was just made: shown once, and then forgotten. */
  readonly secret?: string
}

/** Who is logged in, in this process only: a restart asks for a new link. Of every secret only its hash is kept. */
export interface Sessions {
  /** A secret that opens one session, for the owner of the machine unless somebody else is named. */
  offerLogin(userId?: number): string
  /** Spends such a secret: the new session's secret, or undefined when it is unknown, spent or old. */
  spendLogin(secret: string): string | undefined
  /** A session for a user who has proven to be one. */
  open(userId: number): string
  close(secret: string): void
  userOf(secret: string): number | undefined
  /** Keeps a message for the next page of this session; returns the name it goes by in that page's address. */
  say(secret: string, said: Said): string
  /** Undefined for messages of other sessions, for old ones, and for secrets that were shown. */
  hear(secret: string, name: string): Said | undefined
}

interface Entry {
  readonly userId: number
  readonly until: number
}

interface Word {
  readonly session: string
  readonly said: Said
  readonly until: number
}

export function openSessions(clock: Pick<Clock, 'now'>): Sessions {
  const logins = new Map<string, Entry>()
  const sessions = new Map<string, Entry>()
  const words = new Map<string, Word>()

  function makeRoom(entries: Map<string, { readonly until: number }>): void {
    const now = clock.now()
    for (const [key, entry] of entries)
      if (entry.until <= now || entries.size >= MAX_KEPT) entries.delete(key)
  }

  function issue(entries: Map<string, Entry>, userId: number, lifetime: number): string {
    makeRoom(entries)
    const secret = randomToken('', SECRET_BYTES)
    entries.set(hashOf(secret), { userId, until: clock.now() + lifetime })
    return secret
  }

  function holderOf(entries: ReadonlyMap<string, Entry>, secret: string): number | undefined {
    const entry = entries.get(hashOf(secret))
    return entry && entry.until > clock.now() ? entry.userId : undefined
  }

  return {
    offerLogin: (userId = LOCAL_USER_ID) => issue(logins, userId, LINK_LIFETIME_MS),
    spendLogin(secret) {
      const userId = holderOf(logins, secret)
      logins.delete(hashOf(secret))
      return userId === undefined ? undefined : issue(sessions, userId, SESSION_LIFETIME_MS)
    },
    open: (userId) => issue(sessions, userId, SESSION_LIFETIME_MS),
    close: (secret) => void sessions.delete(hashOf(secret)),
    userOf: (secret) => holderOf(sessions, secret),
    say(secret, said) {
      makeRoom(words)
      const name = randomToken('', WORD_BYTES)
      words.set(name, { session: hashOf(secret), said, until: clock.now() + WORD_LIFETIME_MS })
      return name
    },
    hear(secret, name) {
      const word = words.get(name)
      if (!word || word.session !== hashOf(secret) || word.until <= clock.now()) return undefined
      if (word.said.secret !== undefined) words.delete(name)
      return word.said
    },
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64')
}
