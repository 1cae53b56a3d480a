import type { RequestHandler } from 'express'
import { ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { currentUser } from './entities/user.ts'
import { userRoute } from './route.ts'

/** `GET /version` */
export function showVersion(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    () => ({}),
    () => ok(json(200, version(options))),
  )
}

/** `GET /metadata` */
export function showMetadata(options: HttpOptions): RequestHandler {
  const kas = { enabled: false, externalUrl: null, version: null }
  return userRoute(
    options,
    () => ({}),
    () => ok(json(200, { ...version(options), kas, enterprise: false })),
  )
}

/** `GET /user` */
export function showCurrentUser(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    () => ({}),
    ({ user }) => ok(json(200, currentUser(user, options.externalUrl()))),
  )
}

/** Clients compare it, none refuses it. */
function version(options: HttpOptions) {
  return { version: options.version, revision: 'sluice' }
}
