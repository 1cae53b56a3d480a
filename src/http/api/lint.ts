import type { RequestHandler } from 'express'
import type { CompileRequest } from '../../compile/compile.ts'
import { COMPILER_HERE } from '../../compile/compiler.ts'
import { ZERO_SHA } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import type { User } from '../../model/user.ts'
import type { GitRepository, ResolvedRef } from '../../platform/git.ts'
import { withFile } from '../../platform/given-file.ts'
import { err, ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { lintEntity } from './entities/lint.ts'
import { projectRoute, type Answer } from './route.ts'

/** `POST /projects/:id/ci/lint`: a configuration that was sent, checked as if it stood in the project. */
export function lintContent(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      content: params.presentText('content') ?? '',
      dryRun: params.flag('dry_run') ?? false,
      includeJobs: params.flag('include_jobs') ?? false,
      ref: params.text('ref'),
    }),
    async ({ project, user, params }) => {
      await options.projects.refresh(project)
      const repository = options.projects.repository(project)
      const head = await repository.resolveRef(`refs/heads/${project.defaultBranch}`)
      const linted: Linted = { project, user, repository, sha: shaOf(head), content: params.content }
      return answer(options, linted, params)
    },
  )
}

/** `GET /projects/:id/ci/lint`: the configuration of a commit. */
export function lintProject(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => {
      params.exclusive(['sha', 'content_ref'])
      params.exclusive(['ref', 'dry_run_ref'])
      return {
        contentRef: params.text('content_ref') ?? params.text('sha'),
        dryRun: params.flag('dry_run') ?? false,
        includeJobs: params.flag('include_jobs') ?? false,
        ref: params.text('dry_run_ref') ?? params.text('ref'),
      }
    },
    async ({ project, user, params }) => {
      await options.projects.refresh(project)
      const repository = options.projects.repository(project)
      if ((await repository.refs()).length === 0) return err({ kind: 'not_found', what: 'Repository' })
      const sha = await repository.resolveRevision(params.contentRef ?? project.defaultBranch)
      if (sha === undefined) return err({ kind: 'not_found', what: 'Commit' })
      const file = await repository.readFile(sha, project.configPath)
      const content = file?.bytes.toString('utf8') ?? ''
      return answer(options, { project, user, repository, sha, content }, params)
    },
  )
}

interface Linted {
  readonly project: Project
  readonly user: User
  readonly repository: GitRepository
  /** Where includes are read; null in an empty repository. */
  readonly sha: string | null
  readonly content: string
}

interface LintParams {
  readonly dryRun: boolean
  readonly includeJobs: boolean
  /** The branch or tag whose pipeline is simulated. */
  readonly ref: string | undefined
}

async function answer(options: HttpOptions, linted: Linted, params: LintParams): Promise<Answer> {
  const { project, repository, sha } = linted
  const name = params.ref?.trim() ? params.ref : project.defaultBranch
  const ref = params.dryRun ? await repository.resolveRef(name) : undefined
  if (typeof ref === 'string') {
    const message = ref === 'ambiguous' ? 'Ref is ambiguous' : 'Reference not found'
    return ok(
      json(
        200,
        lintEntity(
          { errors: [message], warnings: [], mergedYaml: null, includes: null, jobs: [] },
          params,
          project,
          options,
        ),
      ),
    )
  }
  const { lint } = options.compiler ?? COMPILER_HERE
  const result = await lint(requestFor(options, linted, ref, sha ?? ZERO_SHA), {
    simulate: params.dryRun,
    jobs: params.includeJobs,
  })
  return ok(json(200, lintEntity(result, params, project, options)))
}

/** GitLab: the simulation is always that of a push. */
function requestFor(
  options: HttpOptions,
  linted: Linted,
  ref: ResolvedRef | undefined,
  sha: string,
): CompileRequest {
  const { project, user, repository, content } = linted
  return {
    project,
    repository: withFile(
      linted.sha === null ? withoutCommits(repository) : repository,
      project.configPath,
      content,
    ),
    configPath: project.configPath,
    treeSha: ref?.sha ?? sha,
    sha: ref?.sha ?? sha,
    beforeSha: ZERO_SHA,
    ref: ref?.name ?? project.defaultBranch,
    tag: ref?.tag ?? false,
    tagMessage: ref?.tagMessage ?? null,
    source: 'push',
    pipelineVariables: [],
    user,
    triggered: false,
    scheduleDescription: null,
    server: { url: options.externalUrl(), version: options.version },
    createdAt: options.clock.now(),
    inputs: {},
    ...(options.includes ? { includes: options.includes(user.id) } : {}),
    selection: null,
    forRun: false,
  }
}

/** Includes of a project without a commit find nothing. */
function withoutCommits(repository: GitRepository): GitRepository {
  return { ...repository, readFile: () => Promise.resolve(undefined), treePaths: () => Promise.resolve([]) }
}

function shaOf(ref: ResolvedRef | 'not_found' | 'ambiguous'): string | null {
  return typeof ref === 'object' ? ref.sha : null
}
