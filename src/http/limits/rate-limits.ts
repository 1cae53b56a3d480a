import { createHash } from 'node:crypto'
import type { HttpLimits } from '../../model/limits.ts'
import type { Clock } from '../../platform/clock.ts'
import { isLoopbackAddress } from '../../shared/network.ts'

/** A sender who asked too often; all of it is told (GitLab's headers). */
export interface Throttled {
  /** GitLab's name of the throttle. */
  readonly name: string
  readonly limit: number
  readonly observed: number
  /** Milliseconds since the epoch at which the count begins anew. */
  readonly resetAt: number
  /** Seconds until then. */
  readonly retryAfter: number
}

/** Counts requests in windows of a minute, as Rack::Attack does. Each call is one request; undefined: it may pass. */
export interface RateLimits {
  /** Nothing from this machine is counted: its jobs and commands share the address. */
  ofAddress(address: string): Throttled | undefined
  /** The same; `token` is whatever was sent as one. */
  ofToken(token: string, address: string): Throttled | undefined
  /** A trigger's own limit, which holds for everybody. */
  ofTrigger(triggerId: number, perMinute: number): Throttled | undefined
}

const WINDOW_MS = 60_000
/** Further senders of the same minute share one count. */
const MOST_KEYS = 100_000

export function makeRateLimits(limits: HttpLimits, clock: Clock): RateLimits {
  let windowStart = 0
  let counts = new Map<string, number>()

  function count(key: string, name: string, limit: number): Throttled | undefined {
    const now = clock.now()
    const start = now - (now % WINDOW_MS)
    if (start !== windowStart) {
      windowStart = start
      counts = new Map()
    }
    const kept = counts.has(key) || counts.size < MOST_KEYS ? key : `${name} of others`
    const observed = (counts.get(kept) ?? 0) + 1
    counts.set(kept, observed)
    if (observed <= limit) return undefined
    const resetAt = start + WINDOW_MS
    return { name, limit, observed, resetAt, retryAfter: Math.max(1, Math.ceil((resetAt - now) / 1000)) }
  }

  return {
    ofAddress(address) {
      if (limits.requestsPerAddress === 0 || isLoopbackAddress(address)) return undefined
      return count(`address ${address}`, 'throttle_unauthenticated_api', limits.requestsPerAddress)
    },
    ofToken(token, address) {
      if (limits.requestsPerToken === 0 || isLoopbackAddress(address)) return undefined
      const hash = createHash('sha256').update(token).digest('base64')
      return count(`token ${hash}`, 'throttle_authenticated_api', limits.requestsPerToken)
    },
    ofTrigger: (triggerId, perMinute) => count(`trigger ${triggerId}`, 'throttle_trigger_token', perMinute),
  }
}
