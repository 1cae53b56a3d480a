import express, { type Express } from 'express'
import { createServer, type Server } from 'node:http'
import { err, ok, type Result } from '../shared/result.ts'
import { accessLog } from './access-log.ts'
import { apiRouter } from './api/router.ts'
import { answerBrokenRequest } from './broken-request.ts'
import { errorHandler } from './error-handler.ts'
import { hostCheck } from './host-check.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { standardHeaders } from './standard-headers.ts'
import { tidyTarget } from './tidy-target.ts'
import { webRouter } from './web/router.ts'
import { openSessions } from './web/sessions.ts'

/** Measured: 500 connections that drip their headers are gone after 5.5 s, and nobody else notices. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 500,
} as const
const MAX_CONNECTIONS = 1000

/** The API and the pages. `loginLink` makes a fresh address that logs one browser in, once. */
export function createHttpApp(options: HttpOptions): {
  readonly app: Express
  readonly loginLink: () => string
} {
  const sessions = openSessions(options.clock)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.set('query parser', false)
  app.use(standardHeaders(options.clock), accessLog(options), tidyTarget)
  app.use('/api/v4', apiRouter(options))
  app.use('/api/v3', (request, response) => sendProblem(request, response, { kind: 'api_v3' }))
  app.use('/api', (request, response) => sendProblem(request, response, { kind: 'unknown_route' }))
  // The API is asked with a token that no page of another site has; only what a browser's cookie opens needs this.
  app.use(hostCheck(options), webRouter(options, sessions))
  app.use(errorHandler(options))
  return { app, loginLink: () => `${options.externalUrl()}/login/${sessions.offerLogin()}` }
}

/** Binds the address; port 0 picks one. An address in use is `EADDRINUSE`, one that is not ours `EADDRNOTAVAIL`. */
export function listen(
  app: Express,
  address: { readonly host: string; readonly port: number },
): Promise<
  Result<{ readonly server: Server; readonly host: string; readonly port: number }, NodeJS.ErrnoException>
> {
  const server = createServer(LIMITS, app)
  server.maxConnections = MAX_CONNECTIONS
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
