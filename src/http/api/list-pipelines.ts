import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import { PIPELINE_SOURCES } from '../../model/source.ts'
import { STATUSES } from '../../model/status.ts'
import { ok } from '../../shared/result.ts'
import type { PipelineFilter, PipelineOrder } from '../../store/pipelines.ts'
import type { HttpOptions } from '../options.ts'
import { pipelineBasicWithMetadata } from './entities/pipeline-basic.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { placeOf } from './present.ts'
import { projectRoute } from './route.ts'

const SCOPES = ['running', 'pending', 'finished', 'branches', 'tags'] as const
const ORDERS = ['id', 'status', 'ref', 'updated_at', 'user_id'] as const

/** `GET /projects/:id/pipelines`, newest first. */
export function listPipelines(options: HttpOptions): RequestHandler {
  return projectRoute(options, readListParams, async ({ project, params, sent, path }) => {
    const filter = await filterOf(options, project, params)
    const { pipelines, total } = filter
      ? options.store.pipelines.page(project.id, filter, params.order, params.page)
      : { pipelines: [], total: 0 }
    const place = placeOf(options, project)
    const items = pipelines.map((pipeline) => pipelineBasicWithMetadata(pipeline, place))
    return ok(paginated({ page: params.page, items, total, url: options.externalUrl() + path, sent }))
  })
}

function readListParams(params: ParamReader) {
  return {
    page: readPage(params),
    scope: params.oneOf('scope', SCOPES),
    status: params.oneOf('status', STATUSES),
    username: params.text('username'),
    order: readOrder(params),
    filter: present({
      ref: params.text('ref'),
      sha: params.text('sha'),
      yamlErrors: params.flag('yaml_errors'),
      updatedBefore: params.time('updated_before'),
      updatedAfter: params.time('updated_after'),
      createdBefore: params.time('created_before'),
      createdAfter: params.time('created_after'),
      source: params.oneOf('source', PIPELINE_SOURCES),
      name: params.text('name'),
    }),
  }
}

function readOrder(params: ParamReader): PipelineOrder {
  return { by: params.oneOf('order_by', ORDERS) ?? 'id', descending: params.oneOf('sort', ['asc', 'desc']) !== 'asc' }
}

/** Undefined: nothing can match. */
async function filterOf(
  options: HttpOptions,
  project: Project,
  { scope, status, username, filter }: ReturnType<typeof readListParams>,
): Promise<PipelineFilter | undefined> {
  const user = username === undefined ? undefined : options.store.users.findByName(username)
  if (username !== undefined && !user) return undefined
  const scopes = scope === undefined ? {} : await scopeFilter(options, project, scope)
  const statuses = status === undefined ? scopes.statuses : [status].filter((it) => scopes.statuses?.includes(it) ?? true)
  return { ...filter, ...scopes, ...(user && { userId: user.id }), ...(statuses && { statuses }) }
}

async function scopeFilter(options: HttpOptions, project: Project, scope: (typeof SCOPES)[number]): Promise<PipelineFilter> {
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
