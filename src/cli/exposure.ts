import { EXIT } from './exit-code.ts'
import { failure, type Failure } from './failure.ts'

// What it means to listen on more than this machine's own address.

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

export function exposureWarning(host: string): string {
  return `${host} can be reached from other machines: whoever has a trigger token can start pipelines; pages and the rest of the API need an access token`
}

export interface Exposure {
  readonly host: string
  readonly choice: 'auto' | 'bubblewrap' | 'shell'
  /** What `choice` came to. */
  readonly executor: 'bubblewrap' | 'shell'
  /** Why it is not bubblewrap. */
  readonly notice: string | null
}

/** Beyond loopback plain processes must be asked for in so many words; undefined when all is well. */
export function unprotectedExposure({ host, choice, executor, notice }: Exposure): Failure | undefined {
  if (executor !== 'shell' || choice !== 'auto' || isLoopback(host)) return undefined
  const help = `${notice === null ? '' : `${notice}\n  `}to run them so all the same, write it down: \`executor: shell\``
  return failure(
    EXIT.machine,
    'executor.unprotected',
    `jobs would run as plain processes, and ${host} can be reached from other machines`,
    help,
  )
}
