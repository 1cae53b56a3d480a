import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../platform/clock.ts'

/** What is noted of a request when it comes in. */
export interface Arrival {
  readonly requestId: string
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  /** Milliseconds since then. */
  readonly elapsed: () => number
  /** Path and query as they were sent. */
  readonly target: string
  readonly remoteAddress: string
}

const arrivals = new WeakMap<IncomingMessage, Arrival>()

export function noteArrival(request: IncomingMessage, clock: Clock): Arrival {
  const startedAt = clock.monotonic()
  const arrival = {
    requestId: randomUUID(),
    receivedAt: clock.now(),
    elapsed: () => clock.monotonic() - startedAt,
    target: request.url ?? '/',
    remoteAddress: plainAddress(request.socket.remoteAddress ?? ''),
  }
  arrivals.set(request, arrival)
  return arrival
}

export function arrivalOf(request: IncomingMessage): Arrival {
  const arrival = arrivals.get(request)
  if (!arrival) throw new Error('Bug: the request was not noted when it arrived')
  return arrival
}

/** An IPv4 address as people write it: a socket that listens on both families reports `::ffff:127.0.0.1`. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
