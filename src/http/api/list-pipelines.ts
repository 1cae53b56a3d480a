import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import { isPipelineSource, PIPELINE_SOURCES } from '../../model/source.ts'
import { STATUSES } from '../../model/status.ts'
import { ok } from '../../shared/result.ts'
import type { PipelineFilter } from '../../store/pipeline-filter.ts'
import type { PipelineOrder } from '../../store/pipelines.ts'
import type { HttpOptions } from '../options.ts'
import { pipelineBasicWithMetadata } from './entities/pipeline-basic.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { placeOf } from './present.ts'
import { projectRoute } from './route.ts'

const SCOPES = ['running', 'pending', 'finished', 'branches', 'tags'] as const
/** Sources that GitLab knows and nothing here has. */
const FOREIGN_SOURCES = [
  'container_registry_push',
  'duo_workflow',
  'pipeline_execution_policy_schedule',
  'dependency_management_security_update',
  'unknown',
] as const
const ORDERS = ['id', 'status', 'ref', 'updated_at', 'user_id'] as const

/** `GET /projects/:id/pipelines`, newest first. */
export function listPipelines(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => readListParams(params, 'desc'),
    async ({ project, params, sent, path }) => {
      const filter = await filterOf(options, project, params)
      const { pipelines, total } = filter
        ? options.store.pipelines.page(project.id, filter, params.order, params.page)
        : { pipelines: [], total: 0 }
      const place = placeOf(options, project)
      const items = pipelines.map((pipeline) => pipelineBasicWithMetadata(pipeline, place))
      return ok(paginated({ page: params.page, items, total, url: options.externalUrl() + path, sent }))
    },
    { jobToken: true },
  )
}

/** In the order of GitLab's declaration, which is that of its complaints. */
export function readListParams(params: ParamReader, direction: 'asc' | 'desc') {
  const page = readPage(params)
  const scope = params.oneOf('scope', SCOPES)
  const status = params.oneOf('status', STATUSES)
  const ref = params.text('ref')
  const sha = params.text('sha')
  const yamlErrors = params.flag('yaml_errors')
  const username = params.text('username')
  const updatedBefore = params.time('updated_before')
  const updatedAfter = params.time('updated_after')
  const createdBefore = params.time('created_before')
  const createdAfter = params.time('created_after')
  const order: PipelineOrder = {
    by: params.oneOf('order_by', ORDERS) ?? 'id',
    descending: (params.oneOf('sort', ['asc', 'desc']) ?? direction) === 'desc',
  }
  const asked = params.oneOf('source', [...PIPELINE_SOURCES, ...FOREIGN_SOURCES])
  const source = asked !== undefined && isPipelineSource(asked) ? asked : undefined
  const name = params.text('name')
  const times = { updatedBefore, updatedAfter, createdBefore, createdAfter }
  return {
    page,
    scope,
    status,
    username,
    order,
    foreign: asked !== source,
    filter: present({ ref, sha, yamlErrors, source, name, ...times }),
  }
}

/** Undefined: nothing can match. */
export async function filterOf(
  options: HttpOptions,
  project: Project,
  { scope, status, username, foreign, filter }: ReturnType<typeof readListParams>,
): Promise<PipelineFilter | undefined> {
  if (foreign) return undefined
  const user = username === undefined ? undefined : options.store.users.findByName(username)
  if (username !== undefined && !user) return undefined
  const scopes = scope === undefined ? {} : await scopeFilter(options, project, scope)
  const statuses =
    status === undefined ? scopes.statuses : [status].filter((it) => scopes.statuses?.includes(it) ?? true)
  return { ...filter, ...scopes, ...(user && { userId: user.id }), ...(statuses && { statuses }) }
}

async function scopeFilter(
  options: HttpOptions,
  project: Project,
  scope: (typeof SCOPES)[number],
): Promise<PipelineFilter> {
  switch (scope) {
    case 'running':
    case 'pending':
      return { statuses: [scope] }
    case 'finished':
      return { statuses: ['success', 'failed', 'canceled'] }
    case 'branches':
    case 'tags': {
      const tag = scope === 'tags'
      const refs = await options.projects.repository(project).refs()
      return { latestOf: { tag, refs: refs.filter((ref) => ref.tag === tag).map((ref) => ref.name) } }
    }
  }
}

/** Without the members that are undefined. */
function present<T extends object>(filter: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
