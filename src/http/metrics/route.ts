import type { RequestHandler } from 'express'
import { arrivalOf } from '../arrival.ts'
import { bearerOf } from '../access-token.ts'
import type { HttpOptions } from '../options.ts'
import { sendProblem } from '../problems.ts'
import { sendReply } from '../reply.ts'
import { gaugeText } from './instruments.ts'
import type { RequestKind } from './metrics.ts'

/** Counts every answer of the server. */
export function countRequests({ metrics }: Pick<HttpOptions, 'metrics'>): RequestHandler {
  return (request, response, next) => {
    const { elapsed } = arrivalOf(request)
    const kind = kindOf(request.method, request.path)
    response.once('finish', () =>
      metrics.request({
        method: KNOWN_METHODS.has(request.method) ? request.method : 'other',
        kind,
        status: response.statusCode,
        seconds: elapsed() / 1000,
      }),
    )
    next()
  }
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

function kindOf(method: string, path: string): RequestKind {
  if (path === '/metrics') return 'metrics'
  if (!path.startsWith('/api/')) return 'page'
  return method === 'POST' && path.endsWith('/trigger/pipeline') ? 'trigger' : 'api'
}

/**
 * `GET /metrics`, for Prometheus: figures without a name in them. Whoever is on this machine may read them (GitLab's own are open to
 * 127.0.0.0/8), others with an access token; what came through a proxy is not of this machine.
 */
export function metricsRoute(options: HttpOptions): RequestHandler {
  return (request, response) => {
    const local = isLoopback(request.socket.remoteAddress ?? '') && !('x-forwarded-for' in request.headers)
    if (!local) {
      const header = request.headers['private-token']
      const token =
        typeof header === 'string'
          ? header
          : /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
      const bearer = bearerOf(options.store, token, options.clock.now())
      if (!bearer.ok) return sendProblem(request, response, bearer.error)
    }
    sendReply(request, response, {
      status: 200,
      headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: metricsText(options),
    })
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}

function metricsText({ store, metrics, clock, streams, version }: HttpOptions): string {
  const { pipelines, jobs, oldestPendingAt } = store.statusCounts.active()
  const memory = process.memoryUsage()
  const cpu = process.cpuUsage()
  const pending = jobs.find(({ status }) => status === 'pending')?.count ?? 0
  const waited = oldestPendingAt === null ? 0 : Math.max(0, clock.now() - oldestPendingAt) / 1000
  const byStatus = (counts: typeof jobs) =>
    counts.map(({ status, count }) => ({ labels: { status }, value: count }))
  return [
    gaugeText('sluice_build_info', 'The GitLab release whose API this is.', [
      { labels: { version }, value: 1 },
    ]),
    gaugeText('sluice_pipelines', 'Pipelines that have not ended, by status.', byStatus(pipelines)),
    gaugeText('sluice_jobs', 'Jobs of pipelines that have not ended, by status.', byStatus(jobs)),
    gaugeText('sluice_queue_jobs', 'Jobs that wait for a runner.', [{ value: pending }]),
    gaugeText('sluice_queue_oldest_seconds', 'How long the oldest of them has waited.', [{ value: waited }]),
    metrics.countedText(),
    gaugeText('sluice_event_streams', 'Open streams of events.', [{ value: streams.size }]),
    gaugeText(
      'sluice_event_loop_delay_seconds',
      'How late the event loop was since the last look, by quantile.',
      metrics.loopDelay().map(({ quantile, seconds }) => ({ labels: { quantile }, value: seconds })),
    ),
    gaugeText('process_resident_memory_bytes', 'Resident memory.', [{ value: memory.rss }]),
    gaugeText('nodejs_heap_size_used_bytes', 'Used heap.', [{ value: memory.heapUsed }]),
    `# HELP process_cpu_seconds_total User and system time.\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ${(cpu.user + cpu.system) / 1e6}\n`,
    gaugeText('process_start_time_seconds', 'Unix time of the start.', [
      { value: (Date.now() - process.uptime() * 1000) / 1000 },
    ]),
  ].join('')
}
