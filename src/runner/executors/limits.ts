import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { SandboxLimits } from '../../model/isolation.ts'
import { findControlGroups, type ControlGroup, type ControlGroups } from '../../platform/control-groups.ts'
import type { JobShell } from '../script/shell.ts'

/** How the limits of jobs hold on this machine, decided once. */
export interface Limits {
  /** For the statement of isolation: `none`, or `memory 2 GiB (control group), pids 200 (control group)`. */
  readonly text: string
  /** One sentence for each limit that was asked for and does not hold, or only in part. */
  readonly notices: readonly string[]
  /** Lines for the beginning of every script. */
  readonly prologue: string
  /** A hold on one script, from before it starts. Throws when a control group cannot be made. */
  hold(): LimitHold
}

export interface LimitHold {
  /** The command by way of which a program is started within its limits. */
  command(file: string, args: readonly string[]): { readonly file: string; readonly args: readonly string[] }
  /** What that command needs of this process's environment. */
  readonly env: Readonly<Record<string, string>>
  /** SIGKILL to everything in the script's control group, if it has one. */
  kill(): void
  /** Ends what is left. The answer says that a limit was met, and how it is called. */
  close(): Promise<string | null>
}

type LimitName = keyof SandboxLimits
type Method = 'control group' | 'systemd' | 'resource limit'

const NAMES: readonly LimitName[] = ['memory', 'pids', 'cpu']

export interface LimitSources {
  readonly groups: ControlGroups
  /** Whether `systemd-run` makes scopes here; asked only when groups cannot do it. */
  readonly systemdWorks: () => boolean
  readonly root: boolean
}

/**
 * By order of strength: a control group of our own, a systemd scope, resource limits of the shell. `apart`: the job has a user namespace of
 * its own, in which the kernel counts its processes; elsewhere it would count all that the user runs.
 */
export function findLimits(
  wanted: SandboxLimits,
  { shell, apart }: { readonly shell: JobShell; readonly apart: boolean },
  sources: LimitSources = limitSources(),
): Limits {
  const asked = NAMES.filter((name) => wanted[name] !== null)
  const methods = new Map<LimitName, Method>()
  for (const name of asked) if (sources.groups.controllers.has(name)) methods.set(name, 'control group')
  const bySystemd = methods.size < asked.length && sources.systemdWorks()
  if (bySystemd) for (const name of asked) if (!methods.has(name)) methods.set(name, 'systemd')
  for (const name of asked)
    if (!methods.has(name) && name !== 'cpu' && !(name === 'pids' && (sources.root || !apart)))
      methods.set(name, 'resource limit')
  const by = (method: Method) => only(wanted, (name) => methods.get(name) === method)
  const scope = by('systemd')
  return {
    text:
      asked.length === 0 ? 'none' : asked.map((name) => describe(name, wanted, methods.get(name))).join(', '),
    notices: asked.flatMap((name) => noticeOf(name, methods.get(name))),
    prologue: resourceLimits(by('resource limit'), shell),
    hold: () =>
      holdScript({ groups: sources.groups, limits: by('control group'), scope, root: sources.root }),
  }
}

let found: LimitSources | undefined

function limitSources(): LimitSources {
  return (found ??= { groups: findControlGroups(), systemdWorks: once(systemdWorks), root: isRoot() })
}

/** The groups of this process. */
export function ownGroups(): ControlGroups {
  return limitSources().groups
}

function holdScript(plan: {
  readonly groups: ControlGroups
  readonly limits: SandboxLimits
  readonly scope: SandboxLimits
  readonly root: boolean
}): LimitHold {
  const { groups, limits, scope } = plan
  const limited = NAMES.some((name) => limits[name] !== null)
  const scoped = NAMES.some((name) => scope[name] !== null)
  const group = limited ? makeGroup(groups, limits) : undefined
  return {
    command(file, args) {
      const inner = scoped
        ? { file: 'systemd-run', args: [...scopeArguments(scope, plan.root), '--', file, ...args] }
        : { file, args }
      // Through the door before the program is there: what it starts in its first moment is inside too.
      return group
        ? {
            file: '/bin/sh',
            args: ['-c', ENTER, 'sh', String(group.doors.length), ...group.doors, inner.file, ...inner.args],
          }
        : inner
    },
    env: scoped ? busEnvironment() : {},
    kill: () => group?.kill(),
    async close() {
      const kills = group?.outOfMemory() ?? 0
      await group?.close()
      return kills > 0 ? 'sandbox.limits.memory' : null
    },
  }
}

function makeGroup(groups: ControlGroups, limits: SandboxLimits): ControlGroup {
  try {
    return groups.make(limits)
  } catch (error) {
    throw new Error(`the control group for sandbox.limits cannot be made: ${String(error)}`, { cause: error })
  }
}

/** `sh N DOOR... PROGRAM ARGUMENT...` */
const ENTER =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 > "$1" || exit 125; shift; n=$((n - 1)); done; exec "$@"'

function scopeArguments({ memory, pids, cpu }: SandboxLimits, root: boolean): string[] {
  const properties = [
    ...(memory === null ? [] : [`MemoryMax=${memory}`, 'MemorySwapMax=0']),
    ...(pids === null ? [] : [`TasksMax=${pids}`]),
    ...(cpu === null ? [] : [`CPUQuota=${Math.max(1, Math.round(cpu * 100))}%`]),
  ]
  return [
    ...(root ? [] : ['--user']),
    '--scope',
    '--quiet',
    '--collect',
    ...properties.flatMap((each) => ['-p', each]),
  ]
}

/** A real trial: a login without a user manager has the program and no bus. */
function systemdWorks(): boolean {
  if (!existsSync('/run/systemd/system')) return false
  const scope = scopeArguments({ memory: 2 ** 30, pids: 64, cpu: 1 }, isRoot())
  const env = { PATH: '/usr/bin:/bin', ...busEnvironment() }
  return (
    spawnSync('systemd-run', [...scope, '--', 'true'], { env, stdio: 'ignore', timeout: 5_000 }).status === 0
  )
}

function busEnvironment(): Record<string, string> {
  return Object.fromEntries(
    ['XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** The job's own shell takes them on, hard, before the first line of the job. */
function resourceLimits({ memory, pids }: SandboxLimits, shell: JobShell): string {
  const lines = [
    ...(memory === null ? [] : [`ulimit -v ${Math.floor(memory / 1024)}`]),
    ...(pids === null ? [] : [`ulimit -${shell.name === 'bash' ? 'u' : 'p'} ${pids}`]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function describe(name: LimitName, limits: SandboxLimits, method: Method | undefined): string {
  const value = name === 'memory' ? formatBytes(limits.memory ?? 0) : String(limits[name])
  if (method === undefined) return `${name} not held`
  return `${name} ${value} (${method === 'resource limit' && name === 'memory' ? 'resource limit of each process' : method})`
}

function noticeOf(name: LimitName, method: Method | undefined): string[] {
  const help =
    'control groups that can be written to are needed (a systemd unit with Delegate=yes, or a user manager for systemd-run)'
  if (method === undefined) return [`sandbox.limits.${name} does not hold on this machine: ${help}`]
  if (method !== 'resource limit' || name !== 'memory') return []
  return [`sandbox.limits.memory holds for each process, not for all of the job together: ${help}`]
}

function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && value % 1 === 0 && (value / 1024) % 0.25 === 0 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value} ${units[unit] ?? ''}`
}

function only(limits: SandboxLimits, keep: (name: LimitName) => boolean): SandboxLimits {
  const value = (name: LimitName) => (keep(name) ? limits[name] : null)
  return { memory: value('memory'), pids: value('pids'), cpu: value('cpu') }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function once<T>(work: () => T): () => T {
  let result: { readonly value: T } | undefined
  return () => (result ??= { value: work() }).value
}
