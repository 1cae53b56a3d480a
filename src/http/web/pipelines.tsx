import type { RequestHandler } from 'express'
import { isPipelineSource } from '../../model/source.ts'
import { STATUSES } from '../../model/status.ts'
import type { PipelineFilter } from '../../store/pipeline-filter.ts'
import { seeOther } from '../reply.ts'
import { pipelinePath } from '../urls.ts'
import { wholeNumber } from './form.ts'
import { html } from './html-reply.ts'
import { projectRoute, type WebContext } from './page-route.tsx'
import { partOf } from './paging.tsx'
import { escapedPath, pipelinesPath } from './paths.ts'
import { PipelinesPage, type PipelinesFilter } from './pipelines-page.tsx'
import { listed } from './start.tsx'

const PER_PAGE = 20
const NEWEST_FIRST = { by: 'id', descending: true } as const

/** `/<namespace>/<project>/-/pipelines` */
export function pipelinesPage(context: WebContext): RequestHandler {
  const { store, externalUrl } = context.options
  return projectRoute(context, ({ frame, project, query }) => {
    const page = wholeNumber(query.text('page'), 1)
    const filter = {
      ref: query.text('ref')?.trim() ?? '',
      status: query.text('status') ?? '',
      source: query.text('source') ?? '',
    }
    const part = partOf({ page, perPage: PER_PAGE })
    const { pipelines, total } = store.pipelines.page(project.id, filterOf(filter), NEWEST_FIRST, part)
    return html(200, {
      page: (
        <PipelinesPage
          frame={frame}
          project={project}
          pipelines={listed(store, pipelines)}
          filter={filter}
          paging={{ page, perPage: PER_PAGE, total }}
          externalUrl={externalUrl()}
        />
      ),
      nonce: null,
    })
  })
}

/** A word that is no status or source finds nothing to filter by, as on GitLab's page. */
function filterOf({ ref, status, source }: PipelinesFilter): PipelineFilter {
  const known = STATUSES.find((word) => word === status)
  return {
    ...(ref === '' ? {} : { ref }),
    ...(known ? { statuses: [known] } : {}),
    ...(isPipelineSource(source) ? { source } : {}),
  }
}

/** `/-/pipelines/latest` and `/-/pipelines/<branch>/latest`: the newest pipeline of the ref's head commit. */
export function latestPipeline(context: WebContext): RequestHandler {
  const { store, projects } = context.options
  return projectRoute(context, async ({ project, request, query }) => {
    const { ref: segments } = request.params
    const ref = Array.isArray(segments) ? segments.join('/') : query.text('ref') || project.defaultBranch
    const head = await projects.repository(project).resolveRef(ref)
    if (typeof head === 'string') return undefined
    const newest = store.pipelines.newestOfCommit(project.id, head.name, head.sha)
    return newest && seeOther(pipelinePath(project.name, newest.id), {})
  })
}

/** `/<namespace>/<project>`: GitLab's page of the project itself; here it is that of its pipelines. */
export function projectPage(context: WebContext): RequestHandler {
  return projectRoute(context, ({ project }) => seeOther(escapedPath(pipelinesPath(project.name)), {}))
}
