import type { RequestHandler } from 'express'
import { err, ok } from '../../shared/result.ts'
import { historySource, pointOf } from '../events/history-source.ts'
import { logSource, offsetOf } from '../events/log-source.ts'
import type { Source } from '../events/source.ts'
import type { HttpOptions } from '../options.ts'
import { NO_CONTENT, stream } from '../reply.ts'
import { findProcessable, readJobId } from './jobs.ts'
import type { ParamReader } from './param-reader.ts'
import { findPipeline, readPipelineId } from './pipelines.ts'
import { projectRoute, type Answer, type Visit } from './route.ts'

/** `GET /projects/:id/events/stream`: what happens in a project, from now or from `Last-Event-ID` on. */
export function projectEvents(options: HttpOptions): RequestHandler {
  return projectRoute(options, readLastEventId, (visit) => {
    const from = pointOf(lastEventId(visit)) ?? { at: options.clock.now(), rank: 9, id: 0 }
    return open(options, historySource(options, { kind: 'project', projectId: visit.project.id }, from))
  })
}

/** `GET …/pipelines/:pipeline_id/events/stream`: a pipeline from its beginning, or from `Last-Event-ID` on. */
export function pipelineEvents(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readPipelineId(params), ...readLastEventId(params) }),
    (visit) => {
      const pipeline = findPipeline(options, visit.project.id, visit.params.pipelineId)
      if (!pipeline.ok) return pipeline
      const { id, createdAt } = pipeline.value
      const from = pointOf(lastEventId(visit)) ?? { at: createdAt, rank: -1, id: 0 }
      return open(options, historySource(options, { kind: 'pipeline', pipelineId: id }, from))
    },
  )
}

/** `GET …/jobs/:job_id/events/stream`: a job and its log, from the beginning or from an offset on, until it is over. */
export function jobEvents(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readJobId(params), ...readLastEventId(params) }),
    (visit) => {
      const job = findProcessable(options, visit.project.id, visit.params.jobId)
      if (!job.ok) return job
      const from = offsetOf(lastEventId(visit))
      // A browser comes back to every stream that ends, unless it is told that there is nothing more.
      if (from === 'end') return ok(NO_CONTENT)
      return open(options, logSource(options.store, job.value, from ?? 0))
    },
  )
}

/** As a header, which browsers send by themselves, or as a parameter for the first request of one. */
function readLastEventId(params: ParamReader): { readonly lastEventId: string | undefined } {
  return { lastEventId: params.text('last_event_id') }
}

function lastEventId({ headers, params }: Visit<ReturnType<typeof readLastEventId>>): string | undefined {
  const header = headers['last-event-id']
  return typeof header === 'string' ? header : params.lastEventId
}

function open(options: HttpOptions, source: Source): Answer {
  const opened = options.streams.open(source)
  if (!opened)
    return err({
      kind: 'unavailable',
      why: 'as many event streams are open as may be (limits: event_streams)',
    })
  return ok(
    stream(
      { size: null, open: () => opened, discard: () => void opened.destroy() },
      {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        // nginx collects what it passes on, unless it is told not to.
        'X-Accel-Buffering': 'no',
      },
    ),
  )
}
