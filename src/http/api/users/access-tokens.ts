import type { RequestHandler } from 'express'
import { LOCAL_USER_ID, type User } from '../../../model/user.ts'
import { TOKEN_SCOPES, type TokenScope } from '../../../pipeline/registry/access-tokens.ts'
import { err, ok, type Result } from '../../../shared/result.ts'
import type { AccessToken } from '../../../store/access-tokens.ts'
import type { HttpOptions } from '../../options.ts'
import type { Problem } from '../../problems.ts'
import { json, NO_CONTENT } from '../../reply.ts'
import { accessTokenEntity } from '../entities/access-token.ts'
import { paginated, readPage } from '../pagination.ts'
import type { ParamReader } from '../param-reader.ts'
import { userRoute, type Answer, type Visit } from '../route.ts'

const DAY_MS = 24 * 3600_000
/** GitLab: a rotated token lives a week when nothing is said. */
const ROTATED_LIFE_DAYS = 7

/** `GET /personal_access_tokens`: one's own; for the owner of the machine everybody's, or one user's. */
export function listAccessTokens(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    (params) => ({ page: readPage(params), userId: params.integer('user_id') }),
    ({ user, params: { page, userId }, sent, path }) => {
      if (user.id !== LOCAL_USER_ID && userId !== undefined && userId !== user.id)
        return err({ kind: 'unauthorized' })
      const whose = user.id === LOCAL_USER_ID ? (userId ?? null) : user.id
      const { tokens, total } = options.store.accessTokens.page(whose, page)
      const items = tokens.map((token) => accessTokenEntity(token, options.clock.now()))
      return ok(paginated({ page, items, total, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET /personal_access_tokens/:id`; `self` is the one that is asked with. */
export function showAccessToken(options: HttpOptions): RequestHandler {
  return tokenRoute(
    options,
    () => ({}),
    (_visit, token) => ok(json(200, accessTokenEntity(token, options.clock.now()))),
  )
}

/** `DELETE /personal_access_tokens/:id` */
export function revokeAccessToken(options: HttpOptions): RequestHandler {
  return tokenRoute(
    options,
    () => ({}),
    (_visit, token) =>
      options.engine.accessTokens.revoke(token.id)
        ? ok(NO_CONTENT)
        : err({ kind: 'bad_request', reason: null }),
  )
}

/** `POST /personal_access_tokens/:id/rotate` */
export function rotateAccessToken(options: HttpOptions): RequestHandler {
  return tokenRoute(
    options,
    (params) => ({ expiresAt: params.time('expires_at') }),
    ({ params }, token) => {
      const now = options.clock.now()
      const rotated = options.engine.accessTokens.rotate(
        token,
        params.expiresAt ?? now + ROTATED_LIFE_DAYS * DAY_MS,
      )
      return rotated
        ? present(options, rotated, 200)
        : err({ kind: 'bad_request', reason: 'Token already revoked' })
    },
  )
}

/** `POST /users/:user_id/personal_access_tokens` (for the owner of the machine) and `POST /user/personal_access_tokens`. */
export function createAccessToken(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    (params) => ({
      userId: params.integer('user_id'),
      name: params.requiredText('name') ?? '',
      description: params.text('description') ?? null,
      scopes: readScopes(params),
      expiresAt: params.time('expires_at') ?? null,
    }),
    ({ user, params: { userId, ...wanted } }) => {
      const owner = whoseToken(options, user, userId)
      if (!owner.ok) return owner
      if (wanted.expiresAt !== null && wanted.expiresAt <= options.clock.now())
        return err({ kind: 'invalid_record', errors: { expires_at: ['must be in the future'] } })
      const made = options.engine.accessTokens.create({ ...wanted, userId: owner.value.id })
      return present(options, made, 201)
    },
  )
}

function whoseToken({ store }: HttpOptions, user: User, userId: number | undefined): Result<User, Problem> {
  if (userId === undefined || userId === user.id) return ok(user)
  if (user.id !== LOCAL_USER_ID) return err({ kind: 'forbidden', reason: null })
  const owner = store.users.find(userId)
  return owner ? ok(owner) : err({ kind: 'not_found', what: 'User' })
}

function readScopes(params: ParamReader): readonly TokenScope[] {
  const scopes = params.someOf('scopes', TOKEN_SCOPES)
  if (!params.has('scopes')) params.complain('scopes is missing')
  else if (scopes?.length === 0) params.complain('scopes is empty')
  return scopes ?? []
}

/** One's own tokens, and for the owner of the machine everybody's; to others they are not there. */
function tokenRoute<T>(
  options: HttpOptions,
  read: (params: ParamReader) => T,
  answer: (visit: Visit<T>, token: AccessToken) => Answer,
): RequestHandler {
  return userRoute(options, read, (visit) => {
    const id = visit.sent.get('token_id')
    const token =
      id === 'self'
        ? (visit.token ?? undefined)
        : typeof id === 'string' && /^\d{1,15}$/.test(id)
          ? options.store.accessTokens.find(Number(id))
          : undefined
    const isHis = token !== undefined && (token.userId === visit.user.id || visit.user.id === LOCAL_USER_ID)
    if (isHis) return answer(visit, token)
    return err(visit.user.id === LOCAL_USER_ID ? { kind: 'not_found', what: null } : { kind: 'unauthorized' })
  })
}

function present(
  { store, clock }: HttpOptions,
  made: { readonly id: number; readonly token: string },
  status: number,
): Answer {
  const token = store.accessTokens.find(made.id)
  if (!token) return err({ kind: 'not_found', what: null })
  return ok(json(status, accessTokenEntity(token, clock.now(), made.token)))
}
