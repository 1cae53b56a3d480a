import type { RequestHandler } from 'express'
import { splitProjectName, type Project } from '../../model/project.ts'
import { ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { mayRead } from '../permissions.ts'
import { json } from '../reply.ts'
import { projectEntity } from './entities/project.ts'
import { paginated, readPage } from './pagination.ts'
import { projectRoute, userRoute } from './route.ts'

/** `GET /projects`: those that the user may read. */
export function listProjects(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    (params) => ({
      page: readPage(params),
      search: params.text('search'),
      descending: params.oneOf('sort', ['asc', 'desc']) === 'desc',
    }),
    ({ params: { page, search, descending }, user, sent, path }) => {
      const wanted = search?.toLowerCase() ?? ''
      const projects = options.projects
        .all()
        .filter(
          (project) =>
            mayRead(options.store, user.id, project.id) && project.name.toLowerCase().includes(wanted),
        )
        .toSorted((a, b) => (descending ? b.id - a.id : a.id - b.id))
      const items = projects
        .slice(page.offset, page.offset + page.limit)
        .map((project) => present(options, project))
      return ok(paginated({ page, items, total: projects.length, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET /projects/:id` */
export function showProject(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    () => ({}),
    ({ project }) => ok(json(200, present(options, project))),
  )
}

function present(options: HttpOptions, project: Project) {
  const { namespace } = splitProjectName(project.name)
  const neighbours = options.projects
    .all()
    .filter((other) => splitProjectName(other.name).namespace === namespace)
  const namespaceId = Math.min(...neighbours.map((other) => other.id))
  return projectEntity(project, { externalUrl: options.externalUrl(), namespaceId })
}
