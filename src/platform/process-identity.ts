// A pid alone names a process only until the kernel gives the number away again; with the start time and the boot it is unique.
import { statFields, textOf } from './proc-files.ts'

export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks from boot to the start of the process, as the kernel writes them; empty where there is no /proc. */
  readonly pidStart: string
  /** Differs after every boot; empty where there is no /proc. */
  readonly bootId: string
}

/** The identity of a running process; undefined when there is none of that pid. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const bootId = readBootId()
  if (bootId === '') return answersSignals(pid) ? { pid, pidStart: '', bootId } : undefined
  const start = readStart(pid)
  return start === undefined ? undefined : { pid, pidStart: start, bootId }
}

/** Who we are, to be left where others must see whether we still live. */
export function ownIdentity(): ProcessIdentity {
  return processIdentity(process.pid) ?? { pid: process.pid, pidStart: '', bootId: readBootId() }
}

/** False as soon as that very process has ended: also when its pid went to another one, after a reboot, and for a zombie. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = processIdentity(identity.pid)
  return now !== undefined && now.pidStart === identity.pidStart && now.bootId === identity.bootId
}

let bootId: string | undefined

/** The kernel's id of this boot; empty where there is none. */
function readBootId(): string {
  bootId ??= textOf('/proc/sys/kernel/random/boot_id').trim()
  return bootId
}

/** proc(5): the start time is field 22. */
function readStart(pid: number): string | undefined {
  const [state, ...fields] = statFields(pid)
  return state === 'Z' || state === 'X' ? undefined : fields[18]
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
