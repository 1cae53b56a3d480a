import type { RequestHandler } from 'express'
import type { Commit } from '../../model/commit.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import { COMMIT_STATES } from '../../pipeline/registry/commit-statuses.ts'
import { refsContaining } from '../../platform/git-history.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { findCommit } from './commits.ts'
import { commitStatusEntity } from './entities/commit-status.ts'
import { forRole } from './guards.ts'
import { paginated, readPage } from './pagination.ts'
import { userOf } from './present.ts'
import { projectRoute } from './route.ts'

/** `GET …/repository/commits/:sha/statuses` */
export function listCommitStatuses(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      sha: params.text('sha') ?? '',
      filter: {
        ref: params.text('ref') || undefined,
        stage: params.text('stage') || undefined,
        name: params.text('name') || undefined,
        pipelineId: params.integer('pipeline_id'),
        all: params.flag('all') ?? false,
      },
      order: {
        by: params.oneOf('order_by', ['id', 'pipeline_id']) ?? 'id',
        descending: params.oneOf('sort', ['asc', 'desc']) === 'desc',
      } as const,
      page: readPage(params),
    }),
    async ({ project, params: { sha, filter, order, page }, sent, path }) => {
      const commit = await findCommit(options, project, sha)
      if (!commit.ok) return commit
      const url = options.externalUrl()
      const found = options.store.externalJobs.page(project.id, commit.value.sha, filter, order, page)
      const items = found.statuses.map((status) =>
        commitStatusEntity(status, userOf(options, status.userId), url),
      )
      return ok(paginated({ page, items, total: found.total, url: url + path, sent }))
    },
  )
}

/** GitLab: the most that a text of a status may hold. */
const LONGEST = 255

/** `POST /projects/:id/statuses/:sha` */
export function createCommitStatus(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      sha: params.text('sha') ?? '',
      state: requiredState(params),
      ref: params.text('ref') || undefined,
      targetUrl: params.text('target_url') ?? null,
      description: params.text('description') ?? null,
      name: params.text('name') || params.text('context') || 'default',
      coverage: params.decimal('coverage') ?? null,
      pipelineId: params.integer('pipeline_id'),
    }),
    forRole(options, 'developer', async ({ project, user, params }) => {
      const { state, name, targetUrl, description, coverage } = params
      const target = await targetOf(options, project, params)
      if (!target.ok) return target
      const errors = {
        ...tooLong('description', description),
        ...wrongUrl(targetUrl),
        ...tooLong('name', name),
      }
      if (Object.keys(errors).length > 0) return err({ kind: 'invalid_record', errors })
      const { ref, tag, sha, pipelineId } = target.value
      const reported = options.engine.commitStatuses.report({
        projectId: project.id,
        userId: user.id,
        sha,
        ref,
        tag,
        pipelineId,
        name,
        state,
        targetUrl,
        description,
        coverage,
      })
      if (!reported.ok) return err({ kind: 'said', status: 400, text: reported.error })
      return ok(json(201, commitStatusEntity(reported.value, user, options.externalUrl())))
    }),
  )
}

function requiredState(params: Parameters<Parameters<typeof projectRoute>[1]>[0]) {
  params.presentText('state')
  return params.oneOf('state', COMMIT_STATES) ?? 'pending'
}

interface Wanted {
  readonly sha: string
  readonly ref: string | undefined
  readonly pipelineId: number | undefined
}

/** Which pipeline the status belongs to, in GitLab's order of questions. */
async function targetOf(
  options: HttpOptions,
  project: Project,
  wanted: Wanted,
): Promise<
  Result<
    { readonly sha: string; readonly ref: string; readonly tag: boolean; readonly pipelineId: number | null },
    Problem
  >
> {
  const commit = await findCommit(options, project, wanted.sha)
  if (!commit.ok) return commit
  const { sha } = commit.value
  const short = wanted.ref?.replace(/^refs\/(heads|tags)\//, '')
  const pipeline = matchingPipeline(options, project, sha, { ...wanted, ref: short })
  const ref = short ?? pipeline?.ref ?? (await branchOf(options, project, commit.value))
  if (ref === undefined) return err({ kind: 'not_found', what: 'References for commit' })
  if (wanted.pipelineId !== undefined && !pipeline)
    return err({ kind: 'not_found', what: 'Pipeline for pipeline_id, sha and ref' })
  const broken = pipeline !== undefined && pipeline.configError !== null
  if (wanted.pipelineId !== undefined && broken)
    return err({ kind: 'said', status: 400, text: 'Cannot add status to pipeline with configuration errors' })
  const tagged = await options.projects.repository(project).resolveRef(`refs/tags/${ref}`)
  return ok({
    sha,
    ref,
    tag: typeof tagged === 'object',
    pipelineId: pipeline && !broken ? pipeline.id : null,
  })
}

function matchingPipeline(
  { store }: HttpOptions,
  project: Project,
  sha: string,
  { ref, pipelineId }: Pick<Wanted, 'ref' | 'pipelineId'>,
): Pipeline | undefined {
  if (pipelineId !== undefined) {
    const pipeline = store.pipelines.find(pipelineId)
    const fits = pipeline?.projectId === project.id && pipeline.sha === sha
    return fits && (ref === undefined || pipeline.ref === ref) ? pipeline : undefined
  }
  const { pipelines } = store.pipelines.page(
    project.id,
    { sha, ...(ref === undefined ? {} : { ref }) },
    { by: 'id', descending: true },
    { limit: 1, offset: 0 },
  )
  return pipelines[0]
}

async function branchOf(
  options: HttpOptions,
  project: Project,
  { sha }: Commit,
): Promise<string | undefined> {
  const [first] = await refsContaining(options.projects.repository(project).gitDir, sha, 'heads')
  return first
}

function tooLong(field: string, text: string | null): Readonly<Record<string, readonly string[]>> {
  return Array.from(text ?? '').length > LONGEST
    ? { [field]: [`is too long (maximum is ${LONGEST} characters)`] }
    : {}
}

function wrongUrl(url: string | null): Readonly<Record<string, readonly string[]>> {
  if (url === null || url === '') return {}
  if (url.length > LONGEST) return tooLong('target_url', url)
  return /^https?:\/\/[^\s/]/i.test(url) && URL.canParse(url)
    ? {}
    : { target_url: ['is blocked: Only allowed schemes are http, https'] }
}
