import type { RequestHandler } from 'express'
import type { Clock } from '../platform/clock.ts'
import { noteArrival } from './arrival.ts'

/** Notes the request's arrival and sets what every answer carries. */
export function standardHeaders(clock: Clock): RequestHandler {
  return (request, response, next) => {
    const { requestId } = noteArrival(request, clock)
    response.setHeader('X-Request-Id', requestId)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('X-Frame-Options', 'SAMEORIGIN')
    response.setHeader('Vary', 'Origin')
    response.setHeader('Cache-Control', 'max-age=0, private, must-revalidate')
    next()
  }
}
