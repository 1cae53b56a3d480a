import type { RequestHandler } from 'express'
import { splitProjectName, type Project } from '../../model/project.ts'
import { err, ok } from '../../shared/result.ts'
import type { ParamMap } from '../body/request-value.ts'
import type { HttpOptions } from '../options.ts'
import { mayRead } from '../permissions.ts'
import { json } from '../reply.ts'
import { basicProjectEntity, projectEntity, type ProjectFacts } from './entities/project.ts'
import { paginated, readPage, toQuery } from './pagination.ts'
import { projectRoute, userRoute } from './route.ts'

/** `GET /projects`: those that the user may read. */
export function listProjects(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    (params) => ({
      page: readPage(params),
      search: params.text('search'),
      descending: params.oneOf('sort', ['asc', 'desc']) === 'desc',
      keyset: params.oneOf('pagination', ['legacy', 'keyset']) === 'keyset',
      simple: params.flag('simple') ?? false,
      order: params.text('order_by') ?? 'id',
      after: params.integer('id_after') ?? 0,
      before: params.integer('id_before') ?? Infinity,
    }),
    ({ params: { page, search, descending, keyset, simple, order, after, before }, user, sent, path }) => {
      if (keyset && order !== 'id') return err({ kind: 'keyset_unsupported' })
      const wanted = search?.toLowerCase() ?? ''
      const projects = options.projects
        .all()
        .filter(
          (project) =>
            mayRead(options.store, user.id, project.id) &&
            project.name.toLowerCase().includes(wanted) &&
            project.id > after &&
            project.id < before,
        )
        .toSorted((a, b) => (descending ? b.id - a.id : a.id - b.id))
      const url = options.externalUrl() + path
      const start = keyset ? 0 : page.offset
      const shown = projects.slice(start, start + page.limit)
      const items = shown.map((project) => {
        const facts = factsOf(options, project)
        return simple ? basicProjectEntity(project, facts) : projectEntity(project, facts)
      })
      if (!keyset) return ok(paginated({ page, items, total: projects.length, url, sent }))
      const last = shown.length < projects.length ? shown.at(-1) : undefined
      return ok(json(200, items, last ? nextLink(url, sent, descending, last.id) : {}))
    },
  )
}

/** GitLab pages projects by id with `id_after` and `id_before`. */
function nextLink(
  url: string,
  sent: ParamMap,
  descending: boolean,
  lastId: number,
): Readonly<Record<string, string>> {
  const next = new Map([...sent, [descending ? 'id_before' : 'id_after', String(lastId)] as const])
  return { Link: `<${url}?${toQuery(next)}>; rel="next"` }
}

/** `GET /projects/:id` */
export function showProject(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    () => ({}),
    ({ project }) => ok(json(200, projectEntity(project, factsOf(options, project)))),
  )
}

function factsOf(options: HttpOptions, project: Project): ProjectFacts {
  const { namespace } = splitProjectName(project.name)
  const neighbours = options.projects
    .all()
    .filter((other) => splitProjectName(other.name).namespace === namespace)
  const namespaceId = Math.min(...neighbours.map((other) => other.id))
  return { externalUrl: options.externalUrl(), namespaceId }
}
