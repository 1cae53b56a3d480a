// Which process holds the other end of a connection on this machine: the kernel's answer, which nobody can forge and no header
// can say.
import { closeSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { entriesOf, linkOf, socketsOf, statFields, textOf } from './proc-files.ts'
import { rowKey, socketInode, type Connection } from './tcp-table.ts'

/**
 * So many threads of jobs are looked at for one answer, so many descriptors and so many orphans, about 10 us each. Who is not
 * found by then stays unknown.
 */
const MOST_LOOKS = 1_000
/** After so many of them others get their turn. */
const LOOKS_IN_A_ROW = 200
/** Of each table of connections: some 13,000 rows. */
const MOST_TABLE_BYTES = 2_000_000

/**
 * The one of `leaders` in whose tree of processes, or else among those that were orphaned in a session of that tree, some process
 * holds the far end of a connection, seen from our end. Undefined: none does, or it cannot be known (no /proc, processes that may
 * not be looked into, too many of them).
 */
export async function peerProcess(
  { local, remote }: Connection,
  leaders: readonly number[],
): Promise<number | undefined> {
  const far = { local: remote, remote: local }
  const known = new Map(leaders.map((pid) => [pid, pid]))
  let inode: Promise<string | undefined> | undefined
  const holder = async (sockets: ReadonlyMap<string, number>): Promise<number | undefined> => {
    // The table is long where many connections are, so it is read only when a job has a connection at all.
    if (sockets.size === 0) return undefined
    inode ??= inodeOf(far)
    return sockets.get((await inode) ?? '')
  }
  await addDescendants(known)
  const found = await holder(await leadersBySocket(known))
  return found ?? (await holder(await leadersBySocket(await orphansOf(known, leaders))))
}

/** Counts; false when the limit is reached. */
function lookLimit(): () => Promise<boolean> {
  let left = MOST_LOOKS
  let inARow = 0
  return async () => {
    left--
    inARow++
    if (inARow === LOOKS_IN_A_ROW) {
      inARow = 0
      await setImmediate()
    }
    return left > 0
  }
}

/** To each process its leader. A leader below another one keeps its own. */
async function addDescendants(known: Map<number, number>): Promise<void> {
  const look = lookLimit()
  // What is added while it goes through a map comes up as well.
  for (const [pid, leader] of known) {
    for (const task of entriesOf(`/proc/${pid}/task`)) {
      for (const child of childrenOf(pid, task)) if (!known.has(child)) known.set(child, leader)
      if (!(await look())) return
    }
  }
}

/**
 * What has lost its parent was given to one of its ancestors, and is still in the session that its leader, or something below it,
 * began: nothing can enter another session.
 */
async function orphansOf(
  known: ReadonlyMap<number, number>,
  leaders: readonly number[],
): Promise<Map<number, number>> {
  const look = lookLimit()
  const orphans = new Map<number, number>()
  // In a sandbox its first process takes them.
  const plain = leaders.filter((pid) => !SANDBOX.has(programOf(pid)))
  const oldest = Math.min(...plain)
  for (const pid of reapersOf(plain)) {
    // The younger ones only: numbers rise, until they wrap around.
    for (const child of entriesOf(`/proc/${pid}/task`).flatMap((task) => childrenOf(pid, task))) {
      if (child <= oldest || known.has(child)) continue
      const leader = known.get(Number(statFields(child)[SESSION]))
      if (leader !== undefined) orphans.set(child, leader)
      if (!(await look())) return orphans
    }
  }
  await addDescendants(orphans)
  return orphans
}

// proc(5), counted from the third field.
const PARENT = 1
const SESSION = 3

/** The processes that orphans of these may be given to. Who started them is none, but as the first process of all. */
function reapersOf(leaders: readonly number[]): Set<number> {
  const reapers = new Set<number>()
  const starters = new Set(leaders.map(parentOf))
  for (const starter of starters) {
    if (starter === 1) reapers.add(1)
    for (let at = parentOf(starter); at > 0 && !reapers.has(at); at = parentOf(at)) reapers.add(at)
  }
  return reapers
}

function parentOf(pid: number): number {
  return Number(statFields(pid)[PARENT] ?? 0)
}

/** The inodes of the sockets that processes hold, and the leader of each. */
async function leadersBySocket(known: ReadonlyMap<number, number>): Promise<Map<string, number>> {
  const look = lookLimit()
  const sockets = new Map<string, number>()
  // The youngest first, as who asks is young.
  for (const [pid, leader] of [...known].toSorted(([a], [b]) => b - a)) {
    // Its one socket is the pipe by which it tells its status.
    if (pid === leader && programOf(pid) === 'bwrap') continue
    for (const inode of socketsOf(pid)) {
      if (inode !== undefined && !sockets.has(inode)) sockets.set(inode, leader)
      if (!(await look())) return sockets
    }
    if (!(await look())) return sockets
  }
  return sockets
}

async function inodeOf(connection: Connection): Promise<string | undefined> {
  const families = [4, 6] as const
  for (const family of families) {
    const key = rowKey(connection, family)
    const inode = key && (await findRow(family === 4 ? '/proc/self/net/tcp' : '/proc/self/net/tcp6', key))
    if (inode !== undefined) return inode
  }
  return undefined
}

/**
 * By ourselves, as a thread that reads a page at a time for us would be waited for each time; others get their turn in
 * between.
 */
async function findRow(path: string, key: string): Promise<string | undefined> {
  const table = openIfThere(path)
  if (table === undefined) return undefined
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    let rest = ''
    for (let total = 0; total < MOST_TABLE_BYTES; await setImmediate()) {
      let text = rest
      for (let page = 0; page < PAGES_IN_A_ROW; page++) {
        const bytes = readSync(table, piece)
        if (bytes === 0) return socketInode(text, key)
        text += piece.toString('latin1', 0, bytes)
        total += bytes
      }
      const inode = socketInode(text, key)
      if (inode !== undefined) return inode
      rest = text.slice(text.lastIndexOf('\n') + 1)
    }
    return undefined
  } finally {
    closeSync(table)
  }
}

/** The kernel gives no more than a page at a time, some 27 rows. */
const PIECE_BYTES = 4_096
const PAGES_IN_A_ROW = 8

/** Of processes that nothing below them can leave, or that have nothing below them. */
const SANDBOX: ReadonlySet<string> = new Set(['bwrap', 'slirp4netns'])

function programOf(pid: number): string {
  return basename(linkOf(`/proc/${pid}/exe`))
}

function childrenOf(pid: number, task: string): number[] {
  return textOf(`/proc/${pid}/task/${task}/children`)
    .split(' ')
    .map(Number)
    .filter((child) => child > 0)
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}
