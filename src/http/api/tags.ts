import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import { refDates, type RefDate } from '../../platform/git-history.ts'
import { err, ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { tagEntity } from './entities/tag.ts'
import { nameMatcher } from './name-search.ts'
import { paginated, readPage } from './pagination.ts'
import { projectRoute } from './route.ts'

/** `GET /projects/:id/repository/tags`, the youngest first. */
export function listTags(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      descending: params.oneOf('sort', ['asc', 'desc']) !== 'asc',
      order: params.oneOf('order_by', ['name', 'updated', 'version']) ?? 'updated',
      search: params.text('search'),
      page: readPage(params),
    }),
    async ({ project, params: { page, search, order, descending }, sent, path }) => {
      const repository = options.projects.repository(project)
      const tags = (await repository.refs())
        .filter(({ tag, name }) => tag && (search ? nameMatcher(search)(name) : true))
        .map(({ name }) => name)
      const dates = await refDates(repository.gitDir)
      const sorted = tags.toSorted(COMPARE[order](dates))
      const ordered = descending ? sorted.toReversed() : sorted
      const shown = ordered.slice(page.offset, page.offset + page.limit)
      const items = await Promise.all(shown.map((name) => present(options, project, name, dates)))
      const known = items.filter((item) => item !== undefined)
      return ok(
        paginated({ page, items: known, total: tags.length, url: options.externalUrl() + path, sent }),
      )
    },
    { jobToken: true },
  )
}

/** `GET …/repository/tags/:tag_name` */
export function showTag(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ name: params.text('tag_name') ?? '' }),
    async ({ project, params }) => {
      const { gitDir } = options.projects.repository(project)
      const entity = await present(options, project, params.name, await refDates(gitDir))
      return entity ? ok(json(200, entity)) : err({ kind: 'not_found', what: 'Tag' })
    },
  )
}

type Compare = (a: string, b: string) => number

const numeric = new Intl.Collator('en', { numeric: true })

const COMPARE: Readonly<
  Record<'name' | 'updated' | 'version', (dates: ReadonlyMap<string, RefDate>) => Compare>
> = {
  name: () => byName,
  version: () => (a, b) => numeric.compare(a, b),
  updated: (dates) => (a, b) => ageOf(dates, a) - ageOf(dates, b) || byName(a, b),
}

function byName(a: string, b: string): number {
  return a < b ? -1 : 1
}

function ageOf(dates: ReadonlyMap<string, RefDate>, tag: string): number {
  return dates.get(`refs/tags/${tag}`)?.at ?? 0
}

async function present(
  options: HttpOptions,
  project: Project,
  name: string,
  dates: ReadonlyMap<string, RefDate>,
) {
  const repository = options.projects.repository(project)
  const found = await repository.resolveRef(`refs/tags/${name}`)
  const commit = typeof found === 'object' ? await repository.commit(found.sha) : undefined
  if (typeof found !== 'object' || !commit) return undefined
  const date = dates.get(`refs/tags/${found.name}`)
  return tagEntity({
    name: found.name,
    message: found.tagMessage,
    target: date?.objectId ?? found.sha,
    commit,
    createdAt: date?.annotated ? date.at : null,
    projectUrl: `${options.externalUrl()}/${project.name}`,
  })
}
