import type { Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Request } from 'express'
import { jobsByProcess } from '../../../platform/job-processes.ts'
import { isAlive } from '../../../platform/process-identity.ts'
import type { Store } from '../../../store/store.ts'
import { plainAddress } from '../../arrival.ts'
import type { HttpOptions } from '../../options.ts'

/**
 * Tells which job's process sent a request; null when none did, or it cannot be known. For provenance only: it opens
 * nothing, and a failure is an answer.
 */
export function makeSenders({
  store,
  peerProcess,
  log,
}: Pick<HttpOptions, 'store' | 'peerProcess' | 'log'>): (request: Request) => Promise<number | null> {
  // A connection is one process's for as long as it lasts, however many requests come on it.
  const known = new WeakMap<Socket, Promise<number | null>>()

  async function find(socket: Socket): Promise<number | null> {
    const { localAddress, localPort, remoteAddress, remotePort } = socket
    if (!localAddress || !localPort || !remoteAddress || !remotePort) return null
    const jobs = jobsAtWork(store)
    if (jobs.size === 0 || !isThisMachine(remoteAddress, localAddress)) return null
    const connection = {
      local: { address: localAddress, port: localPort },
      remote: { address: remoteAddress, port: remotePort },
    }
    const pid = await peerProcess(connection, [...jobs.keys()])
    return (pid === undefined ? undefined : jobs.get(pid)) ?? null
  }

  async function findOrNull(socket: Socket): Promise<number | null> {
    try {
      return await find(socket)
    } catch (error) {
      log({ level: 'warn', message: 'the sender of a trigger request was not found', error: String(error) })
      return null
    }
  }

  return ({ socket }) => {
    const before = known.get(socket)
    if (before) return before
    const found = findOrNull(socket)
    known.set(socket, found)
    return found
  }
}

/** Jobs by process: this daemon's, whichever script they are at, and those of other processes on the same state folder. */
function jobsAtWork(store: Store): ReadonlyMap<number, number> {
  const jobs = new Map(jobsByProcess())
  for (const { id, pid, pidStart, bootId } of store.jobs.runningProcesses()) {
    if (pid === null || pidStart === null || bootId === null || jobs.has(pid)) continue
    if (isAlive({ pid, pidStart, bootId })) jobs.set(pid, id)
  }
  return jobs
}

function isThisMachine(remote: string, local: string): boolean {
  const address = plainAddress(remote)
  if (address === plainAddress(local) || address === '::1' || address.startsWith('127.')) return true
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address))
}
