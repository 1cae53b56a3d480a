import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { TriggerRequestRow } from '../../store/trigger-requests.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { deliveryEntity } from './entities/delivery.ts'
import { forRole } from './guards.ts'
import { paginated, readPage } from './pagination.ts'
import { projectRoute } from './route.ts'

// The requests that came to the trigger routes of a project: `sluice trigger log`.

/** `GET /projects/:id/trigger_requests`, newest first; `trigger_id` and `state` (accepted, refused) narrow the list. */
export function listDeliveries(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      page: readPage(params),
      triggerId: params.integer('trigger_id'),
      state: params.oneOf('state', ['accepted', 'refused']),
    }),
    forRole(options, 'maintainer', ({ project, params: { page, triggerId, state }, sent, path }) => {
      const filter = {
        ...(triggerId === undefined ? {} : { triggerId }),
        ...(state === undefined ? {} : { accepted: state === 'accepted' }),
      }
      const { requests, total } = options.store.triggerRequests.page(project.id, filter, page)
      const items = requests.map((row) => present(options, project, row))
      return ok(paginated({ page, items, total, url: options.externalUrl() + path, sent }))
    }),
  )
}

/** `GET /projects/:id/trigger_requests/:request_id` */
export function showDelivery(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ requestId: params.requiredInteger('request_id') }),
    forRole(options, 'maintainer', ({ project, params }) => {
      const row = findDelivery(options, project, params.requestId)
      return row.ok ? ok(json(200, present(options, project, row.value))) : row
    }),
  )
}

export function findDelivery(
  { store }: Pick<HttpOptions, 'store'>,
  project: Project,
  id: number,
): Result<TriggerRequestRow, Problem> {
  const row = store.triggerRequests.find(id)
  return row?.projectId === project.id ? ok(row) : err({ kind: 'record_not_found' })
}

function present(options: HttpOptions, project: Project, row: TriggerRequestRow) {
  const { store } = options
  return deliveryEntity(row, {
    externalUrl: options.externalUrl(),
    projectName: project.name,
    trigger: row.triggerId === null ? undefined : store.triggers.find(row.triggerId),
    pipeline: row.pipelineId === null ? undefined : store.pipelines.find(row.pipelineId),
  })
}
