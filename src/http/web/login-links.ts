import type { RequestHandler } from 'express'
import { bearerOf } from '../access-token.ts'
import { arrivalOf } from '../arrival.ts'
import { problemReply, type Problem } from '../problems.ts'
import { json, sendReply } from '../reply.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { WebContext } from './page-route.tsx'

/** `POST /-/login_links`: whoever has an access token with the scope `api` gets a link that logs a browser in, once. */
export function makeLoginLink(context: WebContext): RequestHandler {
  return (request, response) => {
    const sent = request.headers['private-token']
    const token = typeof sent === 'string' && sent !== '' ? sent : undefined
    const userId = userOf(context, token, arrivalOf(request).countedAddress)
    const reply = userId.ok
      ? json(201, {
          url: `${context.options.externalUrl()}/login/${context.sessions.offerLogin(userId.value)}`,
        })
      : problemReply(userId.error)
    sendReply(request, response, reply)
  }
}

function userOf(
  { options }: WebContext,
  token: string | undefined,
  address: string,
): Result<number, Problem> {
  const throttled = token === undefined ? undefined : options.rates.ofToken(token, address)
  if (throttled) return err({ kind: 'throttled', throttled })
  const bearer = bearerOf(options.store, token, options.clock.now())
  if (!bearer.ok) return bearer
  return bearer.value.scopes.includes('api') ? ok(bearer.value.user.id) : err({ kind: 'insufficient_scope' })
}
