import type { RequestHandler } from 'express'
import { LOCAL_USER_ID } from '../../model/user.ts'
import { err, ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { LOCAL_RUNNER } from './entities/runner.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { projectRoute, userRoute, type Visit } from './route.ts'

/** `GET /runners` */
export function listRunners(options: HttpOptions): RequestHandler {
  return userRoute(options, readFilter, (visit) => answer(options, visit))
}

/** `GET /runners/all`, for the owner of the machine (GitLab: administrators). */
export function listAllRunners(options: HttpOptions): RequestHandler {
  return userRoute(options, readFilter, (visit) =>
    visit.user.id === LOCAL_USER_ID ? answer(options, visit) : err({ kind: 'forbidden', reason: null }),
  )
}

/** `GET /projects/:id/runners` */
export function listProjectRunners(options: HttpOptions): RequestHandler {
  return projectRoute(options, readFilter, (visit) => answer(options, visit))
}

/** `GET /runners/:runner_id` */
export function showRunner(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    (params) => ({ id: params.requiredInteger('runner_id') }),
    ({ params }) =>
      params.id === LOCAL_RUNNER.id ? ok(json(200, LOCAL_RUNNER)) : err({ kind: 'not_found', what: null }),
  )
}

const TYPES = ['instance_type', 'group_type', 'project_type'] as const
const STATUSES = ['active', 'paused', 'online', 'offline', 'never_contacted', 'stale'] as const

function readFilter(params: ParamReader) {
  const type = params.oneOf('type', TYPES)
  const status = params.oneOf('status', STATUSES)
  const paused = params.flag('paused')
  const fits =
    (type ?? 'instance_type') === 'instance_type' &&
    (status === undefined || status === 'active' || status === 'online') &&
    paused !== true
  return { fits, page: readPage(params) }
}

function answer(
  options: HttpOptions,
  { params: { fits, page }, sent, path }: Visit<ReturnType<typeof readFilter>>,
) {
  const runners = fits ? [LOCAL_RUNNER] : []
  const items = runners.slice(page.offset, page.offset + page.limit)
  return ok(paginated({ page, items, total: runners.length, url: options.externalUrl() + path, sent }))
}
