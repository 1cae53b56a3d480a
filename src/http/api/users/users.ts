import type { RequestHandler } from 'express'
import { LOCAL_USER_ID } from '../../../model/user.ts'
import type { RegistryRefusal } from '../../../pipeline/registry/refusal.ts'
import { err, ok } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import type { Problem } from '../../problems.ts'
import { json } from '../../reply.ts'
import { currentUser, userBasic } from '../entities/user.ts'
import { paginated, readPage } from '../pagination.ts'
import { userRoute } from '../route.ts'

/** `GET /users`: `username`, `search`, `active`, `blocked` */
export function listUsers(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    (params) => ({
      page: readPage(params),
      username: params.text('username')?.toLowerCase(),
      search: params.text('search')?.toLowerCase(),
      active: params.flag('active') ?? false,
      blocked: params.flag('blocked') ?? false,
    }),
    ({ params: { page, ...wanted }, sent, path }) => {
      const users = options.store.users.all().filter(({ username, name, blocked }) => {
        if (wanted.username !== undefined && username.toLowerCase() !== wanted.username) return false
        if (wanted.active && blocked) return false
        if (wanted.blocked && !blocked) return false
        return wanted.search === undefined || `${username}\n${name}`.toLowerCase().includes(wanted.search)
      })
      const items = users
        .slice(page.offset, page.offset + page.limit)
        .map((user) => userBasic(user, options.externalUrl()))
      return ok(paginated({ page, items, total: users.length, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET /users/:user_id` */
export function showUser(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    (params) => ({ userId: params.requiredInteger('user_id') }),
    ({ params }) => {
      const user = options.store.users.find(params.userId)
      return user
        ? ok(json(200, userBasic(user, options.externalUrl())))
        : err({ kind: 'not_found', what: 'User' })
    },
  )
}

/** `POST /users`, for the owner of the machine. */
export function createUser(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    (params) => ({
      username: params.requiredText('username') ?? '',
      name: params.requiredText('name') ?? '',
      email: params.text('email') ?? '',
    }),
    ({ user, params }) => {
      if (user.id !== LOCAL_USER_ID) return err({ kind: 'forbidden', reason: null })
      const made = options.engine.users.create(params)
      return made.ok
        ? ok(json(201, currentUser(made.value, options.externalUrl())))
        : err(problemFor(made.error))
    },
  )
}

/** `POST /users/:user_id/block` and `…/unblock`, for the owner of the machine. GitLab answers `true`. */
export function blockUser(options: HttpOptions, blocked: boolean): RequestHandler {
  return userRoute(
    options,
    (params) => ({ userId: params.requiredInteger('user_id') }),
    ({ user, params }) => {
      if (user.id !== LOCAL_USER_ID) return err({ kind: 'forbidden', reason: null })
      const done = options.engine.users.setBlocked(params.userId, blocked)
      return done.ok ? ok(json(201, true)) : err(problemFor(done.error))
    },
  )
}

export function problemFor({ reason, message }: RegistryRefusal): Problem {
  switch (reason) {
    case 'not_found':
      return { kind: 'not_found', what: 'User' }
    case 'declared':
      return { kind: 'forbidden', reason: message }
    case 'taken':
      return { kind: 'said', status: 409, text: message }
    case 'invalid':
    case 'too_many':
      return { kind: 'bad_request', reason: message }
  }
}
