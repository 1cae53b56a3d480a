import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { PROCESS_MODES, type ResourceGroup } from '../../store/resource-groups.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { isoTime } from '../times.ts'
import { forRole } from './guards.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { presentJobsBasic } from './present.ts'
import { projectRoute } from './route.ts'

/** `GET /projects/:id/resource_groups` */
export function listResourceGroups(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ page: readPage(params) }),
    ({ project, params: { page }, sent, path }) => {
      const groups = options.store.resourceGroups.ofProject(project.id)
      const items = groups.slice(page.offset, page.offset + page.limit).map(resourceGroupEntity)
      return ok(paginated({ page, items, total: groups.length, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET …/resource_groups/:key` */
export function showResourceGroup(options: HttpOptions): RequestHandler {
  return projectRoute(options, readKey, ({ project, params }) => {
    const group = findGroup(options, project, params.key)
    return group.ok ? ok(json(200, resourceGroupEntity(group.value))) : group
  })
}

/** `PUT …/resource_groups/:key` */
export function updateResourceGroup(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readKey(params), mode: params.oneOf('process_mode', PROCESS_MODES) }),
    ({ project, user, params, ...visit }) => {
      const found = findGroup(options, project, params.key)
      if (!found.ok) return found
      return forRole<typeof params>(options, 'developer', () => {
        const changed = params.mode
          ? options.engine.resourceGroups.setMode(project.id, params.key, params.mode)
          : found.value
        return changed ? ok(json(200, resourceGroupEntity(changed))) : err({ kind: 'record_not_found' })
      })({ project, user, params, ...visit })
    },
  )
}

/** `GET …/resource_groups/:key/current_job`: the job that has the resource, or null. */
export function currentJob(options: HttpOptions): RequestHandler {
  return projectRoute(options, readKey, async ({ project, params }) => {
    const group = findGroup(options, project, params.key)
    if (!group.ok) return group
    const [holder] = options.store.resourceGroups.holders(project.id, params.key)
    const [job] = await present(options, project, holder ? [holder] : [])
    return ok(json(200, job ?? null))
  })
}

/** `GET …/resource_groups/:key/upcoming_jobs`, in the order in which they get it. */
export function upcomingJobs(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readKey(params), page: readPage(params) }),
    async ({ project, params: { key, page }, sent, path }) => {
      const group = findGroup(options, project, key)
      if (!group.ok) return group
      const waiting = options.store.resourceGroups.upcoming(project.id, key)
      const items = await present(options, project, waiting.slice(page.offset, page.offset + page.limit))
      return ok(paginated({ page, items, total: waiting.length, url: options.externalUrl() + path, sent }))
    },
  )
}

function readKey(params: ParamReader): { readonly key: string } {
  return { key: params.text('key') ?? '' }
}

function findGroup(options: HttpOptions, project: Project, key: string): Result<ResourceGroup, Problem> {
  const group = options.store.resourceGroups.find(project.id, key)
  return group ? ok(group) : err({ kind: 'record_not_found' })
}

function present(options: HttpOptions, project: Project, members: readonly { readonly id: number }[]) {
  const jobs = members.flatMap(({ id }) => options.store.jobs.find(id) ?? [])
  return presentJobsBasic(options, project, jobs)
}

function resourceGroupEntity(group: ResourceGroup) {
  return {
    id: group.id,
    key: group.key,
    process_mode: group.processMode,
    created_at: isoTime(group.createdAt),
    updated_at: isoTime(group.updatedAt),
  }
}
