import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { sendProblem } from './problems.ts'

/**
 * What GitLab's front end refuses, and what it forgives: a doubled slash (a client whose host ends in one) and a slash
 * at the end.
 */
export const tidyTarget: RequestHandler = (request, response, next) => {
  if (!request.url.startsWith('/') || !namesOneHost(request)) {
    sendProblem(request, response, { kind: 'bad_request', reason: null })
    return
  }
  request.url = tidy(request.url)
  next()
}

/** RFC 9112: a request without a host, or with two, is refused; only HTTP/1.0 may leave it out. */
function namesOneHost({ headersDistinct, httpVersion }: IncomingMessage): boolean {
  const hosts = headersDistinct['host']?.length ?? 0
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0')
}

export function tidy(target: string): string {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark)
  const single = path.replace(/\/{2,}/g, '/')
  return (single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single) + query
}
