import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { PipelineEvents } from '../../model/events.ts'
import { isCompleted } from '../../model/status.ts'
import type { Store } from '../../store/store.ts'
import { counter, histogram } from './instruments.ts'

/** What is counted from the start of the server on. No label names a project, a user or a token. */
export interface Metrics {
  request(request: {
    readonly method: string
    readonly kind: RequestKind
    readonly status: number
    readonly seconds: number
  }): void
  /** Everything counted so far, in the format of Prometheus. */
  countedText(): string
  /** Seconds by which the event loop was late since the last look, by quantile. */
  loopDelay(): readonly { readonly quantile: string; readonly seconds: number }[]
  stop(): void
}

export type RequestKind = 'trigger' | 'api' | 'page' | 'metrics'

/** Milliseconds between two looks at the event loop. */
const LOOP_RESOLUTION_MS = 20

export function startMetrics({
  store,
  events,
}: {
  readonly store: Store
  readonly events: PipelineEvents
}): Metrics {
  const requests = counter('sluice_http_requests_total', 'Answered requests by method, kind and status.')
  const durations = histogram('sluice_http_request_duration_seconds', 'Time from a request to its answer.')
  const triggers = counter(
    'sluice_trigger_requests_total',
    'Requests to a trigger route by the status of the answer.',
  )
  const pipelines = counter('sluice_pipelines_finished_total', 'Pipelines that ended, by status.')
  const jobs = counter('sluice_jobs_finished_total', 'Jobs that ended, by status.')
  const queued = histogram('sluice_job_queue_duration_seconds', 'Time that a job waited for a runner.')
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  loop.enable()

  const unsubscribe = events.on((event) => {
    if (event.type === 'pipeline' && isCompleted(event.to)) pipelines.add({ status: event.to })
    if (event.type !== 'job') return
    if (isCompleted(event.to)) jobs.add({ status: event.to })
    if (event.to !== 'running') return
    const job = store.jobs.find(event.jobId)
    if (job !== undefined && job.queuedAt !== null && job.startedAt !== null)
      queued.observe((job.startedAt - job.queuedAt) / 1000)
  })

  return {
    request({ method, kind, status, seconds }) {
      requests.add({ method, kind, status: String(status) })
      durations.observe(seconds, { kind })
      if (kind === 'trigger') triggers.add({ status: String(status) })
    },
    countedText: () =>
      [requests, durations, triggers, pipelines, jobs, queued].map((each) => each.text()).join(''),
    loopDelay() {
      const quantiles = [
        { quantile: '0.5', seconds: loop.percentile(50) / 1e9 },
        { quantile: '0.99', seconds: loop.percentile(99) / 1e9 },
        { quantile: '1', seconds: loop.max / 1e9 },
      ]
      loop.reset()
      return quantiles
    },
    stop() {
      unsubscribe()
      loop.disable()
    },
  }
}
