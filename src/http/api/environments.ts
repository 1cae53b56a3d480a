import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import type { VerbRefusal } from '../../pipeline/verbs.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { EnvironmentRow } from '../../store/environments.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json, NO_CONTENT } from '../reply.ts'
import { presentDeployment } from './deployments.ts'
import { environmentEntity } from './entities/environment.ts'
import { changedSince, forRole } from './guards.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { projectRoute, type Answer, type ProjectVisit } from './route.ts'
import { verbProblem } from './verb-problem.ts'

const STATES = ['available', 'stopping', 'stopped'] as const
/** GitLab: searching for less would find everything. */
const SHORTEST_SEARCH = 3

/** `GET /projects/:id/environments`, by name. */
export function listEnvironments(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => {
      const state = params.oneOf('states', STATES)
      return {
        name: params.text('name') ?? null,
        search: params.text('search') || null,
        states: state === undefined ? [] : [state],
        together: params.has('name') && params.has('search'),
        page: readPage(params),
      }
    },
    ({ project, params: { page, together, ...filter }, sent, path }) => {
      if (together) return err({ kind: 'invalid_params', messages: ['name, search cannot be used together'] })
      if (filter.search !== null && filter.search.length < SHORTEST_SEARCH)
        return err({ kind: 'bad_request', reason: `Search query is less than ${SHORTEST_SEARCH} characters` })
      const { environments, total } = options.store.environments.page(project.id, filter, page)
      const items = environments.map(environmentEntity)
      return ok(paginated({ page, items, total, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET …/environments/:environment_id`, with what was deployed there last. */
export function showEnvironment(options: HttpOptions): RequestHandler {
  return projectRoute(options, readEnvironmentId, async ({ project, params }) => {
    const found = findEnvironment(options, project, params.environmentId)
    if (!found.ok) return found
    const last = options.store.deployments.lastSuccessOf(found.value.id)
    const deployment = last ? await presentDeployment(options, project, last, null) : null
    return ok(json(200, { ...environmentEntity(found.value), last_deployment: deployment }))
  })
}

export function readEnvironmentId(params: ParamReader): { readonly environmentId: number } {
  return { environmentId: params.requiredInteger('environment_id') }
}

export function findEnvironment(
  options: HttpOptions,
  project: Project,
  id: number,
): Result<EnvironmentRow, Problem> {
  const environment = options.store.environments.find(id)
  return environment?.projectId === project.id ? ok(environment) : err({ kind: 'record_not_found' })
}

/** `PUT …/environments/:environment_id`: address and tier. GitLab no longer lets the name be changed. */
export function updateEnvironment(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      ...readEnvironmentId(params),
      externalUrl: params.text('external_url'),
      tier: params.oneOf('tier', TIERS),
    }),
    (visit) => {
      const { environmentId, externalUrl, tier } = visit.params
      const change = { ...(externalUrl === undefined ? {} : { externalUrl }), ...(tier ? { tier } : {}) }
      return changed(options, visit, () => options.engine.environments.update(environmentId, change))
    },
  )
}

/** `POST …/environments/:environment_id/stop`; `force` starts no stop job. */
export function stopEnvironment(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readEnvironmentId(params), force: params.flag('force') ?? false }),
    (visit) => {
      const { environmentId, force } = visit.params
      return changed(options, visit, () =>
        options.engine.environments.stop(environmentId, { userId: visit.user.id, force }),
      )
    },
  )
}

/** `DELETE …/environments/:environment_id`, once it is stopped (GitLab: 403 before). */
export function deleteEnvironment(options: HttpOptions): RequestHandler {
  return projectRoute(options, readEnvironmentId, (visit) => {
    const found = findEnvironment(options, visit.project, visit.params.environmentId)
    if (!found.ok) return found
    return forRole<typeof visit.params>(options, 'developer', ({ headers }) => {
      if (changedSince(headers, found.value.updatedAt)) return err({ kind: 'precondition_failed' })
      const removed = options.engine.environments.remove(found.value.id)
      if (removed.ok) return ok(NO_CONTENT)
      return err(
        removed.error.reason === 'not_found'
          ? { kind: 'record_not_found' }
          : { kind: 'forbidden', reason: null },
      )
    })(visit)
  })
}

const TIERS = ['production', 'staging', 'testing', 'development', 'other'] as const

/** GitLab answers 200 with the environment as it then is. */
function changed<T extends { readonly environmentId: number }>(
  options: HttpOptions,
  visit: ProjectVisit<T>,
  change: () => Result<unknown, VerbRefusal>,
): Answer | Promise<Answer> {
  const found = findEnvironment(options, visit.project, visit.params.environmentId)
  if (!found.ok) return found
  return forRole<T>(options, 'developer', () => {
    const done = change()
    if (!done.ok) return err(verbProblem(done.error))
    return ok(json(200, environmentEntity(options.store.environments.find(found.value.id) ?? found.value)))
  })(visit)
}
