import type { RequestHandler } from 'express'
import type { PipelineEvent } from '../../model/events.ts'
import { mayRead } from '../permissions.ts'
import { problemReply } from '../problems.ts'
import { stream, type Reply } from '../reply.ts'
import { changesSource } from './changes-source.ts'
import { pageRoute, projectRoute, type WebContext } from './page-route.tsx'

/** What tells open pages to look again. Each is below the page that it is for. */

/** `/-/events`: of all projects that the visitor may read. */
export function startEvents(context: WebContext): RequestHandler {
  const { store } = context.options
  return pageRoute(context, ({ user }) =>
    open(context, (event) => event.type === 'pipeline' && mayRead(store, user.id, event.projectId)),
  )
}

/** `…/-/pipelines/events` */
export function projectEvents(context: WebContext): RequestHandler {
  return projectRoute(context, ({ project }) =>
    open(context, (event) => event.type === 'pipeline' && event.projectId === project.id),
  )
}

/** `…/-/pipelines/:id/events`; downstream pipelines are shown there too. */
export function pipelineEvents(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectRoute(context, ({ project, id }) => {
    if (store.pipelines.find(id)?.projectId !== project.id) return undefined
    return open(context, (event) => {
      if (event.type === 'trace') return false
      if (event.pipelineId === id) return true
      const parent = event.type === 'pipeline' ? store.pipelines.find(event.pipelineId)?.parentJobId : null
      return typeof parent === 'number' && store.jobs.find(parent)?.pipelineId === id
    })
  })
}

/** `…/-/jobs/:id/events` */
export function jobEvents(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectRoute(context, ({ project, id }) => {
    const job = store.jobs.find(id)
    if (job?.projectId !== project.id) return undefined
    // Why it waits is said by what happens to the other jobs of its pipeline.
    return open(context, (event) =>
      event.type === 'trace' ? event.jobId === id : event.pipelineId === job.pipelineId,
    )
  })
}

function open({ options }: WebContext, isShown: (event: PipelineEvent) => boolean): Reply {
  const opened = options.streams.open(changesSource(isShown))
  if (!opened) {
    const why = 'as many event streams are open as may be (limits: event_streams)'
    return problemReply({ kind: 'unavailable', why })
  }
  return stream(
    { size: null, open: () => opened, discard: () => void opened.destroy() },
    {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx collects what it passes on, unless it is told not to.
      'X-Accel-Buffering': 'no',
    },
  )
}
