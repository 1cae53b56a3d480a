import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import { mergedBranches, refDates } from '../../platform/git-history.ts'
import type { RefTip } from '../../platform/git.ts'
import { isShortRefName } from '../../platform/ref-name.ts'
import { err, ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { hasRole } from '../permissions.ts'
import { json, NO_CONTENT } from '../reply.ts'
import { branchEntity } from './entities/branch.ts'
import { nameMatcher, namesMatching } from './name-search.ts'
import { paginated, readPage } from './pagination.ts'
import { projectRoute } from './route.ts'

/** `GET /projects/:id/repository/branches` */
export function listBranches(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      search: params.text('search'),
      regex: params.text('regex'),
      sort: params.oneOf('sort', ['name_asc', 'updated_asc', 'updated_desc']) ?? 'name_asc',
      page: readPage(params),
    }),
    async ({ project, user, params, sent, path }) => {
      const { page, search, regex, sort } = params
      const repository = options.projects.repository(project)
      const branches = (await repository.refs()).filter(({ tag }) => !tag)
      const matching = regex
        ? namesMatching(
            regex,
            branches.map(({ name }) => name),
          )
        : undefined
      if (regex && !matching) return err({ kind: 'said', status: 400, text: 'Regex is invalid' })
      const kept = matching && new Set(matching)
      const found = branches
        .filter(({ name }) => kept?.has(name) ?? true)
        .filter(({ name }) => (search ? nameMatcher(search)(name) : true))
      const sorted = await inOrder(repository.gitDir, found, sort)
      const shown = sorted.slice(page.offset, page.offset + page.limit)
      const items = await present(options, project, user.id, shown)
      return ok(paginated({ page, items, total: found.length, url: options.externalUrl() + path, sent }))
    },
    { jobToken: true },
  )
}

/** `GET …/repository/branches/:branch`; to HEAD it says 204 or 404. */
export function showBranch(options: HttpOptions): RequestHandler {
  return (request, response, next) => {
    const asksOnly = request.method === 'HEAD'
    return projectRoute(
      options,
      (params) => ({ branch: params.text('branch') ?? '' }),
      async ({ project, user, params }) => {
        const valid = isShortRefName(params.branch)
        if (!valid && !asksOnly)
          return err({ kind: 'said', status: 400, text: 'The branch refname is invalid' })
        const found = valid
          ? await options.projects.repository(project).resolveRef(`refs/heads/${params.branch}`)
          : 'not_found'
        if (typeof found === 'string') return err({ kind: 'not_found', what: asksOnly ? null : 'Branch' })
        if (asksOnly) return ok(NO_CONTENT)
        const [entity] = await present(options, project, user.id, [found])
        return ok(json(200, entity))
      },
    )(request, response, next)
  }
}

async function inOrder(
  gitDir: string,
  branches: readonly RefTip[],
  sort: string,
): Promise<readonly RefTip[]> {
  const byName = branches.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  if (sort === 'name_asc') return byName
  const dates = await refDates(gitDir)
  const at = ({ name }: RefTip): number => dates.get(`refs/heads/${name}`)?.at ?? 0
  return byName.toSorted((a, b) => (sort === 'updated_asc' ? at(a) - at(b) : at(b) - at(a)))
}

async function present(options: HttpOptions, project: Project, userId: number, tips: readonly RefTip[]) {
  const repository = options.projects.repository(project)
  const main = await repository.resolveRef(`refs/heads/${project.defaultBranch}`)
  const merged =
    typeof main === 'object' && tips.length > 0
      ? await mergedBranches(repository.gitDir, main.sha)
      : new Set<string>()
  const commits = await Promise.all(tips.map(({ sha }) => repository.commit(sha)))
  const projectUrl = `${options.externalUrl()}/${project.name}`
  return tips.flatMap(({ name }, index) => {
    const commit = commits[index]
    const isDefault = name === project.defaultBranch
    const mayPush = hasRole(options.store, userId, project.id, isDefault ? 'maintainer' : 'developer')
    return commit
      ? [
          branchEntity({
            name,
            commit,
            merged: !isDefault && merged.has(name),
            isDefault,
            mayPush,
            projectUrl,
          }),
        ]
      : []
  })
}
