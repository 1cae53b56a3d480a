import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { signalProcess } from './process.ts'

// Control groups of both versions: what they can hold here is found out, never assumed.

export type Controller = 'memory' | 'pids' | 'cpu'

export interface GroupLimits {
  readonly memory: number | null
  readonly pids: number | null
  readonly cpu: number | null
}

/** A group of one script's processes. What is born in it stays in it. */
export interface ControlGroup {
  /** Writing `0` into each brings the writing process in. */
  readonly doors: readonly string[]
  /** SIGKILL to everything in it. */
  kill(): void
  /** How often the kernel has ended a process in it for want of memory. */
  outOfMemory(): number
  /** Kills what is left and removes the group; resolves when it is gone, or cannot be removed. */
  close(): Promise<void>
}

export interface ControlGroups {
  /** What a group can be limited in. */
  readonly controllers: ReadonlySet<Controller>
  /** Throws the kernel's error when it refuses. */
  make(limits: GroupLimits): ControlGroup
  /** Ends and removes groups of processes that have died. */
  sweep(): Promise<void>
}

interface Place {
  readonly version: 1 | 2
  /** Groups are made in here. */
  readonly folder: string
}

/** `root` is for tests: where `/proc` and the mounts are looked for. */
export function findControlGroups(root = ''): ControlGroups {
  const places = findPlaces(root)
  const unified = places.get('unified')
  const folders = [...new Set([...places.values()].map((place) => place.folder))]
  let found: Map<Controller, Place> | undefined
  let made = 0

  /** Not before somebody wants a limit: to find out may move this process into a group of its own. */
  function holders(): Map<Controller, Place> {
    if (found) return found
    found = new Map()
    for (const controller of CONTROLLERS) {
      const place = unified && offers(unified, controller) ? unified : places.get(controller)
      if (place) found.set(controller, place)
    }
    return found
  }

  return {
    get controllers() {
      return new Set(holders().keys())
    },
    make(limits) {
      const wanted = CONTROLLERS.filter((name) => limits[name] !== null)
      const used = new Set(wanted.flatMap((name) => holders().get(name) ?? []))
      if (unified) used.add(unified)
      const name = `${prefixOf(ownIdentity())}${++made}`
      return openGroup(
        [...used].map((place) => ({ ...place, folder: join(place.folder, name) })),
        limits,
      )
    },
    sweep: () => sweepGroups(folders),
  }
}

const CONTROLLERS: readonly Controller[] = ['memory', 'pids', 'cpu']

const PREFIX = 'sluice-'

function prefixOf({ pid, pidStart, bootId }: ProcessIdentity): string {
  return `${PREFIX}${pid}.${pidStart}.${bootId}.`
}

function openGroup(places: readonly Place[], limits: GroupLimits): ControlGroup {
  const folders: string[] = []
  try {
    for (const place of places) {
      mkdirSync(place.folder)
      folders.push(place.folder)
      for (const [file, value] of settingsOf(place, limits)) write(join(place.folder, file), value)
    }
  } catch (error) {
    for (const folder of folders) removeGroup(folder)
    throw error
  }
  const doors = folders.map((folder) => join(folder, 'cgroup.procs'))
  return {
    doors,
    kill: () => folders.forEach(killGroup),
    outOfMemory: () => Math.max(0, ...folders.map(outOfMemory)),
    close: () => closeGroups(folders),
  }
}

/** Files of a group and what goes into them; those that this kernel has not are left out. */
function settingsOf({ version, folder }: Place, limits: GroupLimits): [file: string, value: string][] {
  const { memory, pids, cpu } = limits
  const settings: [string, string][] = []
  if (memory !== null)
    settings.push(
      ...(version === 2
        ? ([
            ['memory.max', String(memory)],
            ['memory.swap.max', '0'],
            ['memory.oom.group', '1'],
          ] as const)
        : ([
            ['memory.limit_in_bytes', String(memory)],
            ['memory.memsw.limit_in_bytes', String(memory)],
          ] as const)
      ).map(([file, value]): [string, string] => [file, value]),
    )
  if (pids !== null) settings.push(['pids.max', String(pids)])
  if (cpu !== null) {
    const quota = String(Math.max(1_000, Math.round(cpu * PERIOD_US)))
    if (version === 2) settings.push(['cpu.max', `${quota} ${PERIOD_US}`])
    else settings.push(['cpu.cfs_period_us', String(PERIOD_US)], ['cpu.cfs_quota_us', quota])
  }
  return settings.filter(([file]) => exists(join(folder, file)))
}

const PERIOD_US = 100_000

async function closeGroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) killGroup(folder)
  // A killed process holds its group until the kernel has let go of it.
  for (let look = 0; look < 200; look++) {
    if (folders.map(removeGroup).every(Boolean)) return
    await new Promise((resolve) => (look < 20 ? setImmediate(resolve) : setTimeout(resolve, 5)))
    for (const folder of folders) killGroup(folder)
  }
}

function killGroup(folder: string): void {
  if (succeeds(() => write(join(folder, 'cgroup.kill'), '1'))) return
  for (const pid of members(folder)) signalProcess(pid, 'SIGKILL')
}

function members(folder: string): number[] {
  return (readText(join(folder, 'cgroup.procs')) ?? '')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0)
}

function outOfMemory(folder: string): number {
  const text = readText(join(folder, 'memory.events')) ?? readText(join(folder, 'memory.oom_control')) ?? ''
  return Number(/^oom_kill (\d+)/m.exec(text)?.[1] ?? 0)
}

/** True when it is gone. A job may have made groups inside. */
function removeGroup(folder: string): boolean {
  for (const inner of subfolders(folder)) removeGroup(join(folder, inner))
  return succeeds(() => rmdirSync(folder)) || !exists(folder)
}

async function sweepGroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const name of subfolders(folder)) {
      const [pid = '', pidStart = '', bootId = ''] = name.startsWith(PREFIX)
        ? name.slice(PREFIX.length).split('.')
        : []
      if (bootId !== '' && !isAlive({ pid: Number(pid), pidStart, bootId }))
        await closeGroups([join(folder, name)])
    }
  }
}

/** Folders in which this process may make groups: of version 2 as `unified`, of version 1 by controller. */
function findPlaces(root: string): Map<string, Place> {
  const mounts = (readText(`${root}/proc/self/mountinfo`) ?? '').split('\n').flatMap(readMount)
  const places = new Map<string, Place>()
  for (const line of (readText(`${root}/proc/self/cgroup`) ?? '').split('\n')) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (names === undefined || path === undefined) continue
    for (const name of names.split(',')) {
      const mount = mounts.find(({ options, type }) =>
        name === '' ? type === 'cgroup2' : type === 'cgroup' && options.includes(name),
      )
      const below = mount && pathBelow(mount.root, path)
      if (mount === undefined || below === undefined) continue
      const folder = join(root, mount.point, below)
      if (isWritable(folder) && isWritable(join(folder, 'cgroup.procs')))
        places.set(name === '' ? 'unified' : name, { version: name === '' ? 2 : 1, folder })
    }
  }
  return places
}

interface Mount {
  readonly root: string
  readonly point: string
  readonly type: string
  readonly options: readonly string[]
}

function readMount(line: string): Mount[] {
  const [, root, point, type, options] = /^\d+ \d+ \S+ (\S+) (\S+) .* - (\S+) \S+ (\S+)$/.exec(line) ?? []
  if (root === undefined || point === undefined || type === undefined) return []
  return [{ root, point, type, options: (options ?? '').split(',') }]
}

function pathBelow(root: string, path: string): string | undefined {
  if (root === '/') return path
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : undefined
}

/**
 * Whether groups made in a folder of version 2 can have a controller. The kernel wants a folder whose controllers are handed on to hold no
 * processes itself: ours are moved into a group beside, but only ours (a unit with `Delegate=yes`), never those of a user's terminal.
 */
function offers({ folder }: Place, controller: Controller): boolean {
  const handedOn = () => words(join(folder, 'cgroup.subtree_control')).includes(controller)
  if (handedOn()) return true
  if (!words(join(folder, 'cgroup.controllers')).includes(controller)) return false
  const handOn = () => succeeds(() => write(join(folder, 'cgroup.subtree_control'), `+${controller}`))
  if (handOn()) return handedOn()
  const here = members(folder)
  if (!here.every(isOurs)) return false
  const beside = join(folder, `${prefixOf(ownIdentity())}self`)
  if (!succeeds(() => mkdirSync(beside, { recursive: true }))) return false
  for (const pid of here) succeeds(() => writeFileSync(join(beside, 'cgroup.procs'), String(pid)))
  return handOn() && handedOn()
}

function isOurs(pid: number): boolean {
  for (let at = pid, depth = 0; at > 1 && depth < 64; depth++) {
    if (at === process.pid) return true
    const stat = readText(`/proc/${at}/stat`) ?? ''
    at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
  }
  return false
}

function words(file: string): string[] {
  return (readText(file) ?? '').trim().split(/\s+/)
}

/** Never makes a file: outside of the kernel's own file system that would look like success. */
function write(file: string, value: string): void {
  writeFileSync(file, value, { flag: 'r+' })
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    )
  } catch {
    return []
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function exists(path: string): boolean {
  return succeeds(() => accessSync(path))
}

function isWritable(path: string): boolean {
  return succeeds(() => accessSync(path, constants.W_OK))
}

function succeeds(deed: () => void): boolean {
  try {
    deed()
    return true
  } catch {
    return false
  }
}
