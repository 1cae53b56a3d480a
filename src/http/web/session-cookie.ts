import type { IncomingMessage } from 'node:http'
import { SESSION_LIFETIME_MS } from './sessions.ts'

/** Browsers share cookies between the ports of a host, so that two Sluices on one machine need two names. */
function cookieName(externalUrl: string): string {
  const url = new URL(externalUrl)
  return `sluice_session_${url.port || (url.protocol === 'https:' ? '443' : '80')}`
}

export function sessionCookie(externalUrl: string, secret: string): string {
  const secure = externalUrl.startsWith('https:') ? '; Secure' : ''
  const maxAge = SESSION_LIFETIME_MS / 1000
  return `${cookieName(externalUrl)}=${secret}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`
}

/** The session's secret as the browser sent it. */
export function sentSession(request: IncomingMessage, externalUrl: string): string | undefined {
  const wanted = `${cookieName(externalUrl)}=`
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
  return cookies.find((cookie) => cookie.startsWith(wanted))?.slice(wanted.length)
}
