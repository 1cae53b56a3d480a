import type { RequestHandler } from 'express'
import type { Commit } from '../../model/commit.ts'
import type { Project } from '../../model/project.ts'
import { commitDiff, commitStats, listCommits, refsContaining } from '../../platform/git-history.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { commitEntity } from './entities/commit.ts'
import { diffEntity } from './entities/diff.ts'
import { pipelineBasic } from './entities/pipeline-basic.ts'
import { paginated, readPage } from './pagination.ts'
import { placeOf } from './present.ts'
import { projectRoute } from './route.ts'

/** `GET /projects/:id/repository/commits`, newest first, never counted. */
export function listProjectCommits(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      ref: params.text('ref_name'),
      since: params.time('since'),
      until: params.time('until'),
      path: params.text('path'),
      author: params.text('author'),
      all: params.flag('all') ?? false,
      withStats: params.flag('with_stats') ?? false,
      firstParent: params.flag('first_parent') ?? false,
      page: readPage(params),
    }),
    async ({ project, params, sent, path }) => {
      const { page, all, ref, withStats, ...query } = params
      const repository = options.projects.repository(project)
      const from = all ? null : await repository.resolveRevision(ref?.trim() ? ref : project.defaultBranch)
      const shas =
        from === undefined
          ? []
          : await listCommits(repository.gitDir, { ...query, from, limit: page.limit, offset: page.offset })
      const commits = await Promise.all(shas.map((sha) => repository.commit(sha)))
      const url = projectUrl(options, project)
      const items = await Promise.all(
        commits.flatMap((commit) =>
          commit
            ? [
                withStats
                  ? withStatsOf(repository.gitDir, commit, url)
                  : Promise.resolve(commitEntity(commit, url)),
              ]
            : [],
        ),
      )
      return ok(paginated({ page, items, total: null, url: options.externalUrl() + path, sent }))
    },
  )
}

async function withStatsOf(gitDir: string, commit: Commit, url: string) {
  return { ...commitEntity(commit, url), stats: await commitStats(gitDir, commit.sha) }
}

/** `GET …/repository/commits/:sha`, where `:sha` may be the name of a branch or tag. */
export function showCommit(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ sha: params.text('sha') ?? '', stats: params.flag('stats') ?? true }),
    async ({ project, params }) => {
      const commit = await findCommit(options, project, params.sha)
      if (!commit.ok) return commit
      const { gitDir } = options.projects.repository(project)
      const { pipelines } = options.store.pipelines.page(
        project.id,
        { sha: commit.value.sha },
        { by: 'id', descending: true },
        { limit: 1, offset: 0 },
      )
      const [last] = pipelines
      return ok(
        json(200, {
          ...commitEntity(commit.value, projectUrl(options, project)),
          ...(params.stats ? { stats: await commitStats(gitDir, commit.value.sha) } : {}),
          status: last?.status ?? null,
          project_id: project.id,
          last_pipeline: last ? pipelineBasic(last, placeOf(options, project)) : null,
        }),
      )
    },
  )
}

/** `GET …/repository/commits/:sha/diff` */
export function showCommitDiff(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ sha: params.text('sha') ?? '', page: readPage(params) }),
    async ({ project, params: { sha, page }, sent, path }) => {
      const commit = await findCommit(options, project, sha)
      if (!commit.ok) return commit
      const files = await commitDiff(options.projects.repository(project).gitDir, commit.value.sha)
      const items = files.slice(page.offset, page.offset + page.limit).map(diffEntity)
      return ok(paginated({ page, items, total: files.length, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET …/repository/commits/:sha/refs`: the branches and tags that lead to it. */
export function listCommitRefs(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      sha: params.text('sha') ?? '',
      type: params.oneOf('type', ['branch', 'tag', 'all']) ?? 'all',
      page: readPage(params),
    }),
    async ({ project, params: { sha, type, page }, sent, path }) => {
      const commit = await findCommit(options, project, sha)
      if (!commit.ok) return commit
      const { gitDir } = options.projects.repository(project)
      const [branches, tags] = await Promise.all([
        type === 'tag' ? [] : refsContaining(gitDir, commit.value.sha, 'heads'),
        type === 'branch' ? [] : refsContaining(gitDir, commit.value.sha, 'tags'),
      ])
      const refs = [
        ...branches.map((name) => ({ type: 'branch', name })),
        ...tags.map((name) => ({ type: 'tag', name })),
      ]
      const items = refs.slice(page.offset, page.offset + page.limit)
      return ok(paginated({ page, items, total: refs.length, url: options.externalUrl() + path, sent }))
    },
  )
}

/** GitLab's `project.commit`: a sha, a short one, a branch or a tag. */
export async function findCommit(
  options: HttpOptions,
  project: Project,
  revision: string,
): Promise<Result<Commit, Problem>> {
  const repository = options.projects.repository(project)
  const sha = await repository.resolveRevision(revision)
  const commit = sha === undefined ? undefined : await repository.commit(sha)
  return commit ? ok(commit) : err({ kind: 'not_found', what: 'Commit' })
}

function projectUrl(options: HttpOptions, project: Project): string {
  return `${options.externalUrl()}/${project.name}`
}
