import { closeSync } from 'node:fs'
import { relative } from 'node:path'
import { OPEN_SANDBOX, type SandboxPolicy } from '../../model/isolation.ts'
import { processIdentity } from '../../platform/process-identity.ts'
import {
  terminateGroup,
  signalProcess,
  startGroup,
  type Exit,
  type GroupLeader,
} from '../../platform/process.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { JobShell } from '../script/shell.ts'
import type { BuildPlace, Executor, RunningScript, ScriptDescriptors } from './executor.ts'
import { ownHome } from './job-environment.ts'
import { findLimits, type LimitHold, type Limits } from './limits.ts'
import { alternatesText, borrowingObjects, sandboxArguments, sandboxPaths } from './sandbox-arguments.ts'
import { bindNotices, bindProblem } from './sandbox-binds.ts'
import { viewHost, type HostView } from './sandbox-mounts.ts'
import { inOwnNetwork, resolverFile, startTranslator, type Translator } from './sandbox-network.ts'
import { readStatus, type SandboxStatus } from './sandbox-status.ts'
import { seccompFilter } from './seccomp.ts'

const ARGUMENTS = 3
const STATUS = 4
const FIRST_OF_OTHERS = 5

/**
 * The only environment bubblewrap ever sees: a LD_PRELOAD of the job would be loaded into it before any wall stands, and
 * /proc/1/environ shows it inside.
 */
const SANDBOX_ENVIRONMENT = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }

export interface BubblewrapOptions {
  readonly shell: JobShell
  /** Default: the machine's network, no limits, nothing more to see. */
  readonly policy?: SandboxPolicy
  /** Default: what this process may show. */
  readonly view?: HostView
  readonly home?: string
  /** Path or name of bubblewrap. */
  readonly program?: string
  /** Run bubblewrap itself as another user. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** Every script behind namespaces of its own: read-only system, only the workspace and private folders writable, nothing survives. */
export function bubblewrapExecutor({
  shell,
  policy = OPEN_SANDBOX,
  home = ownHome(),
  view,
  program = 'bwrap',
  user,
}: BubblewrapOptions): Executor {
  const host = view ?? viewHost({ root: process.getuid?.() === 0, home })
  const limits = findLimits(policy.limits, { shell, apart: true })
  const filter = seccompFilter()
  return {
    name: 'bubblewrap',
    shell,
    sandbox: policy,
    notices: [...bindNotices(policy.binds), ...limits.notices],
    isolation: `bubblewrap (user,pid,ipc,uts; network ${policy.network}; seccomp ${filter ? 'on' : 'off'}; limits: ${limits.text})`,
    prepare(place) {
      const paths = sandboxPaths(place)
      return {
        buildsDir: paths.builds,
        projectDir: paths.project,
        tempDir: paths.temp,
        repository: paths.repository,
        mountPoints: host.toolchains.map((folder) => relative(home, folder)),
        prologue: limits.prologue,
        start: (descriptors) =>
          startSandbox(
            { program, shell, home, view: host, place, policy, limits, filter, ...(user && { user }) },
            descriptors,
          ),
      }
    },
  }
}

interface Sandbox {
  readonly program: string
  readonly shell: JobShell
  readonly home: string
  readonly view: HostView
  readonly place: BuildPlace
  readonly policy: SandboxPolicy
  readonly limits: Limits
  readonly filter: Buffer | undefined
  readonly user?: { readonly uid: number; readonly gid: number }
}

async function startSandbox(
  sandbox: Sandbox,
  descriptors: ScriptDescriptors,
): Promise<Result<RunningScript, string>> {
  const problem = bindProblem(sandbox.policy, sandbox.place.hide)
  if (problem !== null) return err(problem)
  const hold = sandbox.limits.hold()
  const started = await startBubblewrap(sandbox, descriptors, hold)
  if (!started.ok) await hold.close()
  return started
}

async function startBubblewrap(
  sandbox: Sandbox,
  descriptors: ScriptDescriptors,
  hold: LimitHold,
): Promise<Result<RunningScript, string>> {
  const { shell, program } = sandbox
  const { files, others, block } = inheritance(sandbox, descriptors)
  // The script comes by descriptor: `ps` shows command lines to every user of the machine.
  const bubblewrap = { file: program, args: ['--args', String(ARGUMENTS), '--', shell.path, ...shell.args] }
  const inner = block === undefined ? bubblewrap : inOwnNetwork(bubblewrap, block)
  const command = hold.command(inner.file, inner.args)
  const started = await startGroup({
    ...command,
    env: { ...SANDBOX_ENVIRONMENT, ...hold.env },
    cwd: '/',
    stdio: [descriptors.script, descriptors.output, descriptors.output, ...others],
    ...(sandbox.user && { user: sandbox.user }),
  })
  for (const file of files) closeSync(file)
  if (!started.ok) return err(`starting bwrap: ${started.error}`)
  const leader = started.value
  const status = readStatus(leader.pipe(STATUS))
  const translator = block === undefined ? ok(undefined) : await connect(leader, block)
  if (!translator.ok) return translator
  return ok(runningSandbox(leader, { status, hold, translator: translator.value }))
}

/** What bubblewrap inherits after the three of the job: `files` are ours to close once it runs. */
function inheritance(
  sandbox: Sandbox,
  descriptors: ScriptDescriptors,
): {
  readonly files: readonly number[]
  readonly others: (number | 'pipe')[]
  readonly block: number | undefined
} {
  const { place, policy, filter } = sandbox
  const files: number[] = []
  const rest: (number | 'pipe')[] = []
  const hand = (entry: number | 'pipe') => FIRST_OF_OTHERS + rest.push(entry) - 1
  const file = (content: string | Uint8Array) => {
    const descriptor = descriptors.file(content)
    files.push(descriptor)
    return descriptor
  }
  const alternates = borrowingObjects(place.repository).map(() =>
    hand(file(alternatesText(sandboxPaths(place).repository))),
  )
  const nat = policy.network === 'nat'
  const resolver = nat ? resolverFile() : undefined
  const block = nat ? hand('pipe') : undefined
  const args = sandboxArguments({
    ...sandbox,
    statusDescriptor: STATUS,
    alternatesDescriptors: alternates,
    filterDescriptor: filter && hand(file(filter)),
    identity: jobIdentity(sandbox),
    resolver: resolver && { path: resolver.path, descriptor: hand(file(resolver.text)) },
  })
  return { files, others: [file(args.join('\0')), 'pipe', ...rest], block }
}

/** A job of root's daemon must not believe that it is root: nothing that root may do would work. */
function jobIdentity({ view, policy, user }: Sandbox): { uid: number; gid: number } | undefined {
  if (view.user === 'root' && user === undefined) return { uid: 1000, gid: 1000 }
  // Whoever makes a network of its own is root in it.
  return policy.network === 'nat'
    ? (user ?? { uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000 })
    : undefined
}

/** The network waits: connects it, then lets bubblewrap start. */
async function connect(leader: GroupLeader, block: number): Promise<Result<Translator | undefined, string>> {
  const waiting = leader.pipe(block)
  waiting.on('error', () => {})
  const made = await new Promise<boolean>((resolve) => {
    waiting.once('data', () => resolve(true))
    waiting.once('close', () => resolve(false))
    void leader.ended.then(() => resolve(false))
  })
  // It has failed and says so itself.
  if (!made) return ok(undefined)
  const translator = await startTranslator(leader.pid)
  if (!translator.ok) {
    signalProcess(leader.pid, 'SIGKILL')
    await leader.ended
  }
  waiting.destroy()
  return translator
}

interface SandboxParts {
  readonly status: SandboxStatus
  readonly hold: LimitHold
  readonly translator: Translator | undefined
}

function runningSandbox(leader: GroupLeader, { status, hold, translator }: SandboxParts): RunningScript {
  return {
    pid: leader.pid,
    ...(translator && { helpers: [translator.pid] }),
    ended: endOf(leader, status).finally(() => translator?.close()),
    // SIGTERM to bubblewrap itself would end everything at once. Its first process inside ignores the signal, the job gets it.
    terminate: () => void status.child.then((child) => child !== undefined && terminateGroup(child)),
    kill: () => void signalProcess(leader.pid, 'SIGKILL'),
    async sweep() {
      await gone(await status.child)
      return hold.close()
    },
  }
}

/**
 * The kernel ends a pid namespace with its first process, which is no more (or a zombie) once all others are gone. bubblewrap
 * itself does not wait for that: it takes up to a millisecond.
 */
async function gone(first: number | undefined): Promise<void> {
  for (let look = 0; first !== undefined && look < 1_000 && processIdentity(first) !== undefined; look++) {
    await new Promise((resolve) => (look < 20 ? setImmediate(resolve) : setTimeout(resolve, 1)))
  }
}

/** Killed in its first millisecond, bubblewrap leaves a child that waits for it for ever, its end of the status pipe open. */
const PATIENCE_MS = 1_000

/** bubblewrap writes before it ends, so what is not read soon was not written. */
async function orSoon(exitCode: Promise<number | undefined>): Promise<number | undefined> {
  let timer: NodeJS.Timeout | undefined
  // By way of the poll phase: should the process have stood still, what has come meanwhile is read first.
  const late = new Promise<undefined>(
    (resolve) =>
      (timer = setTimeout(() => setImmediate(() => setImmediate(() => resolve(undefined))), PATIENCE_MS)),
  )
  const code = await Promise.race([exitCode, late])
  clearTimeout(timer)
  return code
}

async function endOf(leader: GroupLeader, status: SandboxStatus): Promise<Result<Exit, string>> {
  const exit = await leader.ended
  const code = await orSoon(status.exitCode)
  leader.pipe(STATUS).destroy()
  if (code !== undefined) return ok({ kind: 'exited', code })
  // Without the document it was bubblewrap that failed, whatever its own exit code says.
  const how = exit.kind === 'exited' ? `exit status ${exit.code}` : `signal ${exit.signal}`
  return err(`bubblewrap ended without the job's exit code (${how})`)
}
