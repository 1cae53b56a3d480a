import type { RequestHandler } from 'express'
import { plainAddress } from './arrival.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/**
 * Answers only requests that are meant for this server. Against DNS rebinding: a page of `evil.example` whose name is made to
 * resolve to this machine still sends `Host: evil.example`. The address a request came in on is no name and always passes.
 */
export function hostCheck({
  hosts,
  externalUrl,
}: Pick<HttpOptions, 'hosts' | 'externalUrl'>): RequestHandler {
  const allowed = new Set([...LOOPBACK_NAMES, ...hosts.map((name) => hostName(name))])
  return (request, response, next) => {
    const host = hostName(request.headers.host ?? '')
    const isOurs =
      allowed.has(host) ||
      host === addressAsHost(request.socket.localAddress ?? '') ||
      host === hostName(new URL(externalUrl()).host)
    if (isOurs) next()
    else sendProblem(request, response, { kind: 'misdirected', host })
  }
}

/** The name of a `Host` header: lower case, without port and without the root's dot. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

function addressAsHost(address: string): string {
  const plain = plainAddress(address).toLowerCase()
  return plain.includes(':') ? `[${plain}]` : plain
}
