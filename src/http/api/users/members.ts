import type { RequestHandler } from 'express'
import type { Project } from '../../../model/project.ts'
import { LOCAL_USER_ID, type Role, type User } from '../../../model/user.ts'
import { err, ok } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import { hasRole } from '../../permissions.ts'
import { json, NO_CONTENT } from '../../reply.ts'
import { userBasic } from '../entities/user.ts'
import { forRole } from '../guards.ts'
import { paginated, readPage } from '../pagination.ts'
import type { ParamReader } from '../param-reader.ts'
import { projectRoute, type Answer } from '../route.ts'
import { problemFor } from './users.ts'

/** GitLab's numbers of the roles that there are here. */
const LEVELS: Readonly<Record<Role, number>> = { developer: 30, maintainer: 40, owner: 50 }

/** `GET /projects/:id/members` and `…/members/all` */
export function listMembers(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ page: readPage(params) }),
    ({ project, params: { page }, sent, path }) => {
      const all = membersOf(options, project)
      const items = all.slice(page.offset, page.offset + page.limit)
      return ok(paginated({ page, items, total: all.length, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET /projects/:id/members/:user_id` */
export function showMember(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ userId: params.requiredInteger('user_id') }),
    ({ project, params }) => present(options, project, params.userId, 200),
  )
}

/** `POST /projects/:id/members` gives a role to whoever has none, `PUT` of one another role to a member (GitLab). */
export function grantRole(options: HttpOptions, status: 200 | 201): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ role: readRole(params), userId: params.requiredInteger('user_id') }),
    forRole(options, 'maintainer', ({ project, user, params: { userId, role } }) => {
      const isMember = membersOf(options, project).some(({ id }) => id === userId)
      if (status === 201 && isMember) return err({ kind: 'said', status: 409, text: 'Member already exists' })
      if (reachesAbove(options, { project, user, userId, role }))
        return err({ kind: 'forbidden', reason: null })
      if (!isMember && status === 200) return err({ kind: 'record_not_found' })
      const granted = options.engine.users.grant({ projectId: project.id, userId, role })
      return granted.ok ? present(options, project, userId, status) : err(problemFor(granted.error))
    }),
  )
}

/** `DELETE /projects/:id/members/:user_id` */
export function withdrawRole(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ userId: params.requiredInteger('user_id') }),
    forRole(options, 'maintainer', ({ project, user, params }) => {
      if (reachesAbove(options, { project, user, userId: params.userId }))
        return err({ kind: 'forbidden', reason: null })
      const withdrawn = options.engine.users.withdraw(project.id, params.userId)
      if (withdrawn.ok) return ok(NO_CONTENT)
      return err(
        withdrawn.error.reason === 'not_found' ? { kind: 'record_not_found' } : problemFor(withdrawn.error),
      )
    }),
  )
}

/** GitLab: nobody gives a role above their own, nor changes that of someone who stands above them. */
function reachesAbove(
  { store }: HttpOptions,
  wanted: { readonly project: Project; readonly user: User; readonly userId: number; readonly role?: Role },
): boolean {
  const roles = [store.users.roleIn(wanted.project.id, wanted.userId), wanted.role]
  return roles.some((role) => role !== undefined && !hasRole(store, wanted.user.id, wanted.project.id, role))
}

function readRole(params: ParamReader): Role {
  const before = params.messages.length
  const level = params.requiredInteger('access_level')
  const [role] = Object.entries(LEVELS).find(([, number]) => number === level) ?? []
  if (role === undefined && params.messages.length === before)
    params.complain('access_level does not have a valid value')
  return role === 'maintainer' || role === 'owner' ? role : 'developer'
}

function membersOf(options: HttpOptions, project: Project) {
  const { store } = options
  const owner = { userId: LOCAL_USER_ID, role: 'owner' } as const
  const others = store.users.membersOf(project.id).filter(({ userId }) => userId !== LOCAL_USER_ID)
  return [owner, ...others].flatMap(({ userId, role }) => {
    const user = store.users.find(userId)
    return user
      ? [{ ...userBasic(user, options.externalUrl()), access_level: LEVELS[role], expires_at: null }]
      : []
  })
}

function present(options: HttpOptions, project: Project, userId: number, status: number): Answer {
  const member = membersOf(options, project).find(({ id }) => id === userId)
  return member ? ok(json(status, member)) : err({ kind: 'record_not_found' })
}
