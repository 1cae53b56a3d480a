import type { RequestHandler } from 'express'
import { arrivalOf } from '../arrival.ts'
import { sendProblem } from '../problems.ts'
import type { RateLimits } from './rate-limits.ts'

/** Answers 429 to an address that asks too often, before anything of the request is read. */
export function addressLimit(rates: RateLimits): RequestHandler {
  return (request, response, next) => {
    const throttled = rates.ofAddress(arrivalOf(request).countedAddress)
    if (throttled) sendProblem(request, response, { kind: 'throttled', throttled })
    else next()
  }
}
