import { portOwner } from '../platform/port-owner.ts'
import type { ListenAddress } from '../settings/settings.ts'
import { EXIT } from './exit-code.ts'
import { failure, type Failure } from './failure.ts'

/** Why nobody can listen there, and who does. */
export function listenFailure(error: NodeJS.ErrnoException, { host, port }: ListenAddress): Failure {
  if (error.code !== 'EADDRINUSE')
    return failure(EXIT.machine, 'listen.failed', `cannot listen on ${host}:${port}: ${error.message}`)
  const owner = portOwner(host, port)
  const by = owner
    ? `by process ${owner.pid} (${owner.command})`
    : 'by a process that cannot be seen from here'
  return failure(
    EXIT.machine,
    'listen.in_use',
    `${host}:${port} is taken ${by}`,
    'choose another port with --listen HOST:PORT; port 0 picks a free one',
  )
}
