import type { Compiler } from '../compile/compiler.ts'
import type { IncludeSources } from '../compile/include-sources.ts'
import type { HttpLimits } from '../model/limits.ts'
import type { Clock } from '../platform/clock.ts'
import type { peerProcess } from '../platform/peer-process.ts'
import type { Engine } from '../pipeline/engine.ts'
import type { Store } from '../store/store.ts'
import type { Streams } from './events/streams.ts'
import type { RateLimits } from './limits/rate-limits.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { ProjectDirectory } from './project-directory.ts'

/** One line of the daemon's log. Carries no token, no query string and no variable's value. */
export interface LogRecord {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly [key: string]: unknown
}

/** What the server stands on. */
export interface HttpOptions {
  /** Read only: every change is asked of the engine. */
  readonly store: Store
  readonly engine: Engine
  readonly projects: ProjectDirectory
  /** Where a user's configurations take includes from; absent: each from the cache in its project's folder. */
  readonly includes?: (userId: number | null) => IncludeSources
  /** Who compiles CI files; absent: this thread. */
  readonly compiler?: Compiler
  readonly clock: Clock
  /** Which of some processes a connection from this machine leads to. */
  readonly peerProcess: typeof peerProcess
  /** Without trailing slash; known once the server listens. */
  readonly externalUrl: () => string
  /** The GitLab release whose API this is. */
  readonly version: string
  readonly log: (record: LogRecord) => void
  /** Host names that are answered besides those of the loopback interface and the address a request came in on. */
  readonly hosts: readonly string[]
  readonly limits: HttpLimits
  readonly rates: RateLimits
  readonly streams: Streams
  readonly metrics: Metrics
}

/** What the server is made from; limits that are not given are the default ones. */
export type ServerOptions = Omit<HttpOptions, 'limits' | 'rates' | 'streams' | 'metrics' | 'peerProcess'> & {
  readonly limits?: Partial<HttpLimits>
  /** Absent: the kernel is asked. */
  readonly peerProcess?: HttpOptions['peerProcess']
}
