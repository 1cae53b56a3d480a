import type { RequestHandler } from 'express'
import { bearerOf } from '../access-token.ts'
import { readParams } from '../params.ts'
import { problemReply } from '../problems.ts'
import { seeOther, sendReply, type Reply } from '../reply.ts'
import { loginPage, type WebContext } from './page-route.tsx'
import { sentSession, sessionCookie } from './session-cookie.ts'

/** `GET /login/:secret`: spends a one-time link. */
export function openLoginLink({ options, sessions }: WebContext): RequestHandler {
  return (request, response) => {
    const secret = String(request.params['secret'])
    // HEAD is what previews of links send; it must not spend one.
    const session = request.method === 'HEAD' ? undefined : sessions.spendLogin(secret)
    const reply =
      session === undefined
        ? loginPage('/', 'This link has been used, or is too old, or is of an earlier start of sluice serve.')
        : logIn(options.externalUrl(), session, '/')
    sendReply(request, response, reply)
  }
}

/** `POST /login`: an access token opens a session. */
export function logInByToken({ options, sessions }: WebContext): RequestHandler {
  return async (request, response) => {
    const sent = await readParams(request, new Map(), options.limits)
    if (!sent.ok) return sendReply(request, response, problemReply(sent.error))
    const token = sent.value.body.get('access_token')
    const target = ownPath(sent.value.body.get('to'))
    const bearer = bearerOf(
      options.store,
      typeof token === 'string' ? token.trim() : undefined,
      options.clock.now(),
    )
    const reply =
      bearer.ok && bearer.value.scopes.includes('api')
        ? logIn(options.externalUrl(), sessions.open(bearer.value.user.id), target)
        : loginPage(target, 'This is no valid access token with the scope api.')
    sendReply(request, response, reply)
  }
}

/** `POST /logout`: ends the session; its cookie is good for nothing then. */
export function logOut({ options, sessions }: WebContext): RequestHandler {
  return (request, response) => {
    const session = sentSession(request, options.externalUrl())
    if (session !== undefined) sessions.close(session)
    sendReply(request, response, seeOther('/', { 'Referrer-Policy': 'no-referrer' }))
  }
}

function logIn(externalUrl: string, session: string, target: string): Reply {
  return seeOther(target, {
    'Set-Cookie': sessionCookie(externalUrl, session),
    'Referrer-Policy': 'no-referrer',
  })
}

/** A path of this server, never another site's address. */
function ownPath(target: unknown): string {
  return typeof target === 'string' && /^\/(?!\/)[!-[\]-~]*$/.test(target) ? target : '/'
}
