import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../platform/clock.ts'
import { isLoopbackAddress } from '../shared/network.ts'

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
  /** Whose requests are counted together. */
  readonly countedAddress: string
}

const arrivals = new WeakMap<IncomingMessage, Arrival>()

export function noteArrival(request: IncomingMessage, clock: Clock): Arrival {
  const startedAt = clock.monotonic()
  const remoteAddress = plainAddress(request.socket.remoteAddress ?? '')
  const arrival = {
    requestId: randomUUID(),
    receivedAt: clock.now(),
    elapsed: () => clock.monotonic() - startedAt,
    target: request.url ?? '/',
    remoteAddress,
    countedAddress: countedAddress(remoteAddress, request.headers['x-forwarded-for']),
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

/**
 * Behind a proxy on this machine everybody would have this machine's address, which no limit counts: the last sender
 * that the proxy names is counted instead. That name is good for nothing else, since every process here can send it.
 */
function countedAddress(remoteAddress: string, forwarded: string | string[] | undefined): string {
  const last = String(forwarded ?? '')
    .split(',')
    .at(-1)
    ?.trim()
  return last && isLoopbackAddress(remoteAddress) ? plainAddress(last.slice(0, 64)) : remoteAddress
}
