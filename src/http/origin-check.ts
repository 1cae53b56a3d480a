import type { Request, RequestHandler } from 'express'
import { sendProblem } from './problems.ts'

/**
 * Refuses what another site makes a browser send. Stands before every route that changes something and trusts a cookie;
 * trigger routes read no cookie, so they need none of it.
 */
export const originCheck: RequestHandler = (request, response, next) => {
  const safe = request.method === 'GET' || request.method === 'HEAD'
  if (safe || isOwnSite(request)) next()
  else sendProblem(request, response, { kind: 'forbidden', reason: null })
}

function isOwnSite(request: Request): boolean {
  const site = request.headers['sec-fetch-site']
  // `same-site` too is foreign here: another port of localhost is another program.
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  const { origin, host } = request.headers
  // A page with `Referrer-Policy: no-referrer` posts its own forms with `Origin: null`.
  if (origin === 'null') return site === 'same-origin'
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase())
}
