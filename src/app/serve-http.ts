import { hostname, networkInterfaces } from 'node:os'
import type { App } from '../app.ts'
import type { Compiler } from '../compile/compiler.ts'
import type { LogRecord } from '../http/options.ts'
import { createHttpApp, listen } from '../http/server.ts'
import type { HttpLimits } from '../model/limits.ts'
import type { Clock } from '../platform/clock.ts'
import { ok, type Result } from '../shared/result.ts'
import { reachableHost } from './reachable-host.ts'

// Beside app.ts and not in it: express is loaded by those who serve, and by nobody else.

export interface ServeOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Without trailing slash; null: the address that was really bound, or one of them. */
  readonly externalUrl: string | null
  readonly compiler: Compiler
  readonly limits?: HttpLimits
  readonly clock: Clock
  readonly log: (record: LogRecord) => void
}

export interface Served {
  /** The address that was bound, as a URL without trailing slash. */
  readonly url: string
  /** A fresh link that logs a browser in, once. */
  readonly loginLink: () => string
  /** Other limits from now on. */
  follow(limits: HttpLimits): void
  /** Takes no new connections and closes those that wait; answers that have begun are finished. */
  stop(): void
}

/** Answers HTTP for an app. The error is that of `listen`. */
export async function serveHttp(
  app: App,
  options: ServeOptions,
): Promise<Result<Served, NodeJS.ErrnoException>> {
  const { host, port, externalUrl, clock, log } = options
  const reachable = reachableHost(host, networkInterfaces())
  let outside: string | undefined
  const http = createHttpApp({
    store: app.store,
    engine: app.engine,
    projects: app.projects,
    ...(app.includes ? { includes: app.includes } : {}),
    compiler: options.compiler,
    ...(options.limits ? { limits: options.limits } : {}),
    clock,
    externalUrl: () => outside ?? app.server().url,
    version: app.server().version,
    log,
    hosts: [hostname(), ...(externalUrl === null ? [] : [new URL(externalUrl).hostname])],
  })
  const listening = await listen(http.app, { host, port }, options.limits)
  if (!listening.ok) return listening
  const { server } = listening.value
  const url = urlOf(host, listening.value.port)
  if (externalUrl === null && reachable !== host) outside = urlOf(reachable, listening.value.port)
  // Jobs run on this machine, where every address leads here.
  app.answersAt(externalUrl ?? url)
  return ok({
    url,
    loginLink: http.loginLink,
    follow: http.follow,
    stop() {
      server.close()
      http.stop()
      server.closeIdleConnections()
    },
  })
}

/** Without trailing slash. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
