import express, { type Express } from 'express'
import { createServer, type Server } from 'node:http'
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from '../model/limits.ts'
import { backgroundClock } from '../platform/clock.ts'
import { peerProcess } from '../platform/peer-process.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { accessLog } from './access-log.ts'
import { repeatRequest } from './api/replay-delivery.ts'
import { apiRouter } from './api/router.ts'
import { answerBrokenRequest } from './broken-request.ts'
import { errorHandler } from './error-handler.ts'
import { openStreams } from './events/streams.ts'
import { hostCheck } from './host-check.ts'
import { addressLimit } from './limits/address-limit.ts'
import { makeRateLimits } from './limits/rate-limits.ts'
import { slowSenders } from './limits/slow-senders.ts'
import { startMetrics } from './metrics/metrics.ts'
import { countRequests, metricsRoute } from './metrics/route.ts'
import type { HttpOptions, ServerOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { standardHeaders } from './standard-headers.ts'
import { tidyTarget } from './tidy-target.ts'
import { webRouter } from './web/router.ts'
import { openSessions } from './web/sessions.ts'

/** How often Node looks for slow senders, and how long a connection may idle between requests. Milliseconds. */
const LOOK_EVERY_MS = 500
const IDLE_MS = 5_000
/** Of a whole request, where a route has lifted the limit for bodies. */
const LONGEST_REQUEST_MS = 3_600_000

/** The API and the pages. `loginLink` makes a fresh address that logs one browser in, once. */
export function createHttpApp(given: ServerOptions): {
  readonly app: Express
  readonly loginLink: () => string
  /** Other limits from now on; sizes of heads and numbers of connections stay as they were at the start. */
  readonly follow: (limits: HttpLimits) => void
  /** Ends what would go on for ever: streams of events. */
  readonly stop: () => void
} {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...given.limits }
  const streams = openStreams({ clock: given.clock, events: given.engine.events }, limits.eventStreams)
  const metrics = startMetrics({ store: given.store, events: given.engine.events })
  const options: HttpOptions = {
    peerProcess,
    ...given,
    limits,
    rates: makeRateLimits(limits, given.clock),
    streams,
    metrics,
  }
  const sessions = openSessions(options.clock)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.set('query parser', false)
  app.use(standardHeaders(options.clock), accessLog(options), tidyTarget, countRequests(options))
  app.use(slowSenders(backgroundClock, limits.requestSeconds))
  app.use('/api/v4', apiRouter(options))
  app.use('/api/v3', (request, response) => sendProblem(request, response, { kind: 'api_v3' }))
  app.use('/api', (request, response) => sendProblem(request, response, { kind: 'unknown_route' }))
  app.get('/metrics', addressLimit(options.rates), hostCheck(options), metricsRoute(options))
  // The API is asked with a token that no page of another site has; only what a browser's cookie opens needs this.
  app.use(
    addressLimit(options.rates),
    hostCheck(options),
    webRouter(options, sessions, (replay) => repeatRequest(options, replay)),
  )
  app.use(errorHandler(options))
  return {
    app,
    loginLink: () => `${options.externalUrl()}/login/${sessions.offerLogin()}`,
    follow: (wanted) => void Object.assign(limits, wanted),
    stop() {
      streams.endAll()
      metrics.stop()
    },
  }
}

/** Binds the address; port 0 picks one. An address in use is `EADDRINUSE`, one that is not ours `EADDRNOTAVAIL`. */
export function listen(
  app: Express,
  address: { readonly host: string; readonly port: number },
  given: Partial<HttpLimits> = {},
): Promise<
  Result<{ readonly server: Server; readonly host: string; readonly port: number }, NodeJS.ErrnoException>
> {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...given }
  const server = createServer(
    {
      headersTimeout: limits.headerSeconds * 1000,
      requestTimeout: LONGEST_REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      maxHeaderSize: limits.headerBytes,
      // Node's own refusal has no body.
      requireHostHeader: false,
    },
    app,
  )
  server.maxConnections = limits.connections
  server.on('clientError', answerBrokenRequest)
  return new Promise((resolve) => {
    const refuse = (error: NodeJS.ErrnoException): void => resolve(err(error))
    server.once('error', refuse)
    server.listen({ host: address.host, port: address.port }, () => {
      server.off('error', refuse)
      const bound = server.address()
      if (bound === null || typeof bound === 'string') throw new Error('Bug: the server listens on no port')
      resolve(ok({ server, host: bound.address, port: bound.port }))
    })
  })
}
