import type { RequestHandler } from 'express'
import { arrivalOf } from './arrival.ts'
import type { HttpOptions } from './options.ts'

/** One record for each request, when its answer is out or its sender gone. */
export function accessLog(options: Pick<HttpOptions, 'log'>): RequestHandler {
  return (request, response, next) => {
    const arrival = arrivalOf(request)
    response.once('close', () => {
      options.log({
        level: 'info',
        message: 'request',
        request_id: arrival.requestId,
        method: request.method,
        path: withoutSecrets(arrival.target),
        status: response.writableFinished ? response.statusCode : null,
        remote_address: arrival.remoteAddress,
        ms: Math.round(arrival.elapsed() * 1000) / 1000,
      })
    })
    next()
  }
}

/** A target that may be kept: the web-hook form carries its token in the query, a login link in the path. */
export function withoutSecrets(target: string): string {
  const [path = '', query] = target.split(/\?(.*)/s)
  const kept = path.replace(/^(\/+login\/+)[^/].*/s, '$1[redacted]').slice(0, 1000)
  return query === undefined ? kept : `${kept}?[redacted]`
}
