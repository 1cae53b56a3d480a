import type { RequestHandler } from 'express'
import { ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { currentUser } from './entities/user.ts'
import { userRoute } from './route.ts'

/** The GitLab whose API this is. Clients compare it, none refuses it. */
const GITLAB_VERSION = '17.11.0'

/** `GET /version` */
export function showVersion(options: HttpOptions): RequestHandler {
  return userRoute(options, () => ({}), () => ok(json(200, version(options))))
}

/** `GET /metadata` */
export function showMetadata(options: HttpOptions): RequestHandler {
  const kas = { enabled: false, externalUrl: null, version: null }
  return userRoute(options, () => ({}), () => ok(json(200, { ...version(options), kas, enterprise: false })))
}

/** `GET /user` */
export function showCurrentUser(options: HttpOptions): RequestHandler {
  return userRoute(options, () => ({}), ({ user }) => ok(json(200, currentUser(user, options.externalUrl()))))
}

function version(options: HttpOptions) {
  return { version: GITLAB_VERSION, revision: `sluice-${options.version}` }
}
