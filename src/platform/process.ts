import { spawn } from 'node:child_process'
import { closeSync, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { err, ok, type Result } from '../shared/result.ts'
import { entriesOf, linkOf, statFields } from './proc-files.ts'

/** How a process ended. */
export type Exit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: NodeJS.Signals }

export interface ProcessSpec {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment: nothing of the daemon's is added. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** One entry per descriptor from 0; a number hands on that descriptor of ours. */
  readonly stdio: readonly ('ignore' | 'pipe' | number)[]
  /** Run as another user; only root can. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** A running process that leads its own session and process group, so that no job can reach the caller's terminal. */
export interface GroupLeader {
  readonly pid: number
  readonly ended: Promise<Exit>
  /** Our end of a descriptor that was asked for as `pipe`. */
  pipe(descriptor: number): Readable
}

/** Starts a process in a group of its own. The error is the operating system's sentence. */
export async function startGroup(spec: ProcessSpec): Promise<Result<GroupLeader, string>> {
  let child: ReturnType<typeof spawn>
  try {
    child = spawn(spec.file, [...spec.args], {
      cwd: spec.cwd,
      env: spec.env,
      stdio: [...spec.stdio],
      detached: true,
      ...spec.user,
    })
  } catch (error) {
    return err(String(error instanceof Error ? error.message : error))
  }
  const { pid } = child
  if (pid === undefined) {
    const why = await new Promise<Error>((resolve) => child.once('error', resolve))
    return err(why.message)
  }
  child.on('error', () => {}) // a failed kill; `ended` tells the rest
  const ended = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(code === null ? { kind: 'signaled', signal: signal ?? 'SIGKILL' } : { kind: 'exited', code }),
    )
  })
  return ok({
    pid,
    ended,
    pipe(descriptor) {
      const stream = child.stdio[descriptor]
      if (!stream || !('read' in stream)) throw new Error(`Bug: descriptor ${descriptor} is not a pipe`)
      return stream
    },
  })
}

/** Sends a signal to one process; false when there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false // ESRCH: it has ended. EPERM: it became another user's, who alone can end it.
  }
}

/** Sends a signal to every process of a group; false when the group is empty. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  return signalProcess(-leader, signal)
}

/** SIGTERM to a group; those that are stopped go on, as they take it only then. */
export function terminateGroup(leader: number): void {
  if (signalGroup(leader, 'SIGTERM')) signalGroup(leader, 'SIGCONT')
}

/**
 * Kills what is left of a job that ran without a pid namespace: its group, then every process whose environment holds the
 * marker (`NAME=value`), so that those that called setsid are found as well, and every younger process without a terminal that
 * works below one of the folders `within` (`since`: start time of the leader), so that those are found that cleaned their environment. Best effort: one that did all
 * of it and went elsewhere survives. Returns how many processes were killed.
 */
export function killRemains(options: {
  readonly leader: number
  readonly marker: string
  readonly within?: { readonly folders: readonly string[]; readonly since: string }
  readonly all: boolean
}): number {
  signalGroup(options.leader, 'SIGKILL')
  let killed = 0
  for (let round = 0; round < 10; round++) {
    const found = markedProcesses(options.marker, options.all ? 0 : options.leader, options.within)
    for (const pid of found) if (signalProcess(pid, 'SIGKILL')) killed++
    // A process may fork between being listed and being killed: look until nothing new is seen.
    if (found.length === 0) break
  }
  return killed
}

/** Kills every process whose environment holds the marker; for what a daemon that was killed has left running. */
export function killMarked(marker: string): void {
  for (let round = 0; round < 10; round++) {
    const found = markedProcesses(marker, 0)
    for (const pid of found) signalProcess(pid, 'SIGKILL')
    if (found.length === 0) return
  }
}

/**
 * Processes with the marker in their environment. `after`: process ids rise until they wrap, so a short job's processes all
 * lie above its own; 0 looks at every process (about 50 us each).
 */
function markedProcesses(
  marker: string,
  after: number,
  within?: { folders: readonly string[]; since: string },
): number[] {
  const found: number[] = []
  const needle = Buffer.from(marker)
  const floor = after > 0 && lastPid() >= after ? after : 0
  for (const name of entriesOf('/proc')) {
    const pid = Number(name)
    if (!(pid > floor) || pid === process.pid) continue
    if ((environmentHolds(pid, needle) || worksIn(pid, within)) && !isZombie(pid)) found.push(pid)
  }
  return found
}

/** Kills every process without a terminal that works below a folder whose jobs have all lost their runner. */
export function killWorkersIn(folder: string): void {
  for (let round = 0; round < 10; round++) {
    const found = entriesOf('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid && worksIn(pid, { folders: [folder], since: '0' }))
      .filter((pid) => !isZombie(pid))
    if (!found.map((pid) => signalProcess(pid, 'SIGKILL')).includes(true)) return
  }
}

/**
 * Kills every process that has a file below `path`, or that file itself, open. Finds what lost its group, its parent and its
 * marker: whatever still prints into a job's log. Returns whether none is left that could not be killed.
 */
export function killHolders(path: string): boolean {
  for (let round = 0; round < 10; round++) {
    const holders = holdersOf(path)
    if (holders.length === 0) return true
    if (!holders.map((pid) => signalProcess(pid, 'SIGKILL')).includes(true)) return false
  }
  return false
}

function holdersOf(path: string): number[] {
  return entriesOf('/proc')
    .map(Number)
    .filter(
      (pid) =>
        pid > 0 &&
        pid !== process.pid &&
        !isZombie(pid) &&
        openFiles(pid).some((file) => file === path || file.startsWith(`${path}/`)),
    )
}

function openFiles(pid: number): string[] {
  return entriesOf(`/proc/${pid}/fd`).map((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`))
}

function lastPid(): number {
  try {
    return Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1))
  } catch {
    return 0
  }
}

function environmentHolds(pid: number, needle: Buffer): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(needle)
  } catch {
    return false // it ended, or belongs to someone else
  }
}

/** A person's shell that looks into a workspace has a terminal; no job has. */
function worksIn(pid: number, within: { folders: readonly string[]; since: string } | undefined): boolean {
  if (within === undefined) return false
  const folder = linkOf(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '')
  if (!within.folders.some((each) => folder === each || folder.startsWith(`${each}/`))) return false
  // proc(5): field 7 is the controlling terminal, field 22 the start time.
  const fields = statFields(pid)
  return fields[4] === '0' && Number(fields[19]) >= Number(within.since)
}

function isZombie(pid: number): boolean {
  return (statFields(pid)[0] ?? 'Z') === 'Z'
}

/**
 * Closes descriptors above 2 that this process inherited without close-on-exec; Node and bubblewrap would hand them on to
 * every job. Our own all have the flag, so a descriptor without it is a stranger's. Returns how many were closed.
 */
export function closeInheritedDescriptors(): number {
  let closed = 0
  for (const descriptor of inheritedDescriptors()) {
    try {
      closeSync(descriptor)
      closed++
    } catch {
      // The descriptor of the directory listing itself: already closed.
    }
  }
  return closed
}

const CLOSE_ON_EXEC = 0o2000000

function inheritedDescriptors(): number[] {
  return entriesOf('/proc/self/fdinfo')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && !hasCloseOnExec(descriptor))
}

function hasCloseOnExec(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1]
    return flags === undefined || (parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0
  } catch {
    return true
  }
}
