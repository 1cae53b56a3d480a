// With real processes and real connections: the answer is the kernel's.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { peerProcess } from '../../src/platform/peer-process.ts'
import type { Connection } from '../../src/platform/tcp-table.ts'

const children: ChildProcess[] = []
const servers: Server[] = []
afterEach(() => {
  for (const { pid } of children.splice(0)) if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  for (const server of servers.splice(0)) server.close()
})

/** A shell that leads a session, as a job's does. */
function lead(script: string, ...args: string[]): number {
  const child = spawn('bash', ['-c', script, 'bash', ...args], { detached: true, stdio: 'ignore' })
  children.push(child)
  if (child.pid === undefined) throw new Error('bash could not be started')
  return child.pid
}

async function listen(host: string): Promise<{ port: number; accepted: Promise<Connection> }> {
  const server = createServer()
  servers.push(server)
  const accepted = new Promise<Connection>((resolve) =>
    server.once('connection', (socket: Socket) => {
      socket.on('error', () => {})
      const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket
      resolve({
        local: { address: localAddress, port: localPort },
        remote: { address: remoteAddress, port: remotePort },
      })
    }),
  )
  await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, accepted }
}

const CALL = 'exec 3<>/dev/tcp/$1/$2; read -r _ <&3'

describe.runIf(process.platform === 'linux')('who holds the other end', () => {
  it.each([
    ['the leader itself', '127.0.0.1', '127.0.0.1', CALL],
    [
      'a grandchild',
      '127.0.0.1',
      '127.0.0.1',
      `bash -c 'bash -c "${CALL.replaceAll('$', '\\$')}; :" bash $1 $2; :' bash $1 $2; :`,
    ],
    [
      'one that was left by its parent',
      '127.0.0.1',
      '127.0.0.1',
      `(p=$BASHPID; bash -c 'tail -s 0.01 --pid=$3 -f /dev/null; ${CALL}' bash $1 $2 $p &); read -r _ < <(exec sleep 1000)`,
    ],
    [
      'a session of its own below the leader',
      '127.0.0.1',
      '127.0.0.1',
      `setsid --fork --wait bash -c '${CALL}' bash $1 $2; :`,
    ],
    ['IPv4, to a server of both families', '::', '127.0.0.1', CALL],
    ['IPv6', '::1', '::1', CALL],
  ])('%s', async (_what, host, address, script) => {
    const { port, accepted } = await listen(host)
    const leader = lead(script, address, String(port))
    const other = lead('read -r _ < <(exec sleep 1000)')
    expect(await peerProcess(await accepted, [other, leader])).toBe(leader)
  })

  it('an inner leader before the outer one', async () => {
    const { port, accepted } = await listen('127.0.0.1')
    const outer = lead(`setsid bash -c '${CALL}' bash $1 $2; :`, '127.0.0.1', String(port))
    const connection = await accepted
    const inner = await peerProcess(connection, [outer]).then((found) => {
      expect(found).toBe(outer)
      return childOf(outer)
    })
    expect(await peerProcess(connection, [outer, inner])).toBe(inner)
  })

  it('nobody among them', async () => {
    const { port, accepted } = await listen('127.0.0.1')
    lead(CALL, '127.0.0.1', String(port))
    const other = lead('exec 3<>/dev/tcp/$1/$2; read -r _ < <(exec sleep 1000)', '127.0.0.1', String(port))
    const connection = await accepted
    expect(
      await peerProcess({ ...connection, remote: { address: '127.0.0.1', port: 1 } }, [other]),
    ).toBeUndefined()
    expect(await peerProcess(connection, [])).toBeUndefined()
    expect(await peerProcess(connection, [2 ** 22 + 1])).toBeUndefined()
  })
})

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')[0])
}
