import { closeSync } from 'node:fs'
import { relative } from 'node:path'
import { processIdentity } from '../../platform/process-identity.ts'
import {
  signalGroup,
  signalProcess,
  startGroup,
  type Exit,
  type GroupLeader,
} from '../../platform/process.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { JobShell } from '../script/shell.ts'
import type { BuildPlace, Executor, RunningScript, ScriptDescriptors } from './executor.ts'
import { ownHome } from './job-environment.ts'
import { alternatesText, borrowingObjects, sandboxArguments, sandboxPaths } from './sandbox-arguments.ts'
import { viewHost, type HostView } from './sandbox-mounts.ts'
import { readStatus, type SandboxStatus } from './sandbox-status.ts'

const ARGUMENTS = 3
const STATUS = 4
const FIRST_LIST = 5

/**
 * The only environment bubblewrap ever sees: a LD_PRELOAD of the job would be loaded into it before any wall stands, and
 * /proc/1/environ shows it inside.
 */
const SANDBOX_ENVIRONMENT = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }

export interface BubblewrapOptions {
  readonly shell: JobShell
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
  home = ownHome(),
  view,
  program = 'bwrap',
  user,
}: BubblewrapOptions): Executor {
  const host = view ?? viewHost({ root: process.getuid?.() === 0, home })
  return {
    name: 'bubblewrap',
    shell,
    isolation: 'bubblewrap (user,pid,ipc,uts; network host; seccomp off; limits: none)',
    prepare(place) {
      const paths = sandboxPaths(place)
      return {
        buildsDir: paths.builds,
        projectDir: paths.project,
        tempDir: paths.temp,
        repository: paths.repository,
        mountPoints: host.toolchains.map((folder) => relative(home, folder)),
        start: (descriptors) =>
          startSandbox({ program, shell, home, view: host, place, ...(user && { user }) }, descriptors),
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
  readonly user?: { readonly uid: number; readonly gid: number }
}

async function startSandbox(
  sandbox: Sandbox,
  descriptors: ScriptDescriptors,
): Promise<Result<RunningScript, string>> {
  const { shell, place } = sandbox
  const lists = borrowingObjects(place.repository)
  const args = sandboxArguments({
    ...sandbox,
    statusDescriptor: STATUS,
    alternatesDescriptors: lists.map((_, at) => FIRST_LIST + at),
  })
  const files = [args.join('\0'), ...lists.map(() => alternatesText(sandboxPaths(place).repository))].map(
    (text) => descriptors.file(text),
  )
  const [argumentsFile = -1, ...listFiles] = files
  const started = await startGroup({
    file: sandbox.program,
    // The script comes by descriptor: `ps` shows command lines to every user of the machine.
    args: ['--args', String(ARGUMENTS), '--', shell.path, ...shell.args],
    env: SANDBOX_ENVIRONMENT,
    cwd: '/',
    stdio: [descriptors.script, descriptors.output, descriptors.output, argumentsFile, 'pipe', ...listFiles],
    ...(sandbox.user && { user: sandbox.user }),
  })
  for (const file of files) closeSync(file)
  return started.ok ? ok(runningSandbox(started.value)) : err(`starting bwrap: ${started.error}`)
}

function runningSandbox(leader: GroupLeader): RunningScript {
  const status = readStatus(leader.pipe(STATUS))
  return {
    pid: leader.pid,
    ended: endOf(leader, status),
    // SIGTERM to bubblewrap itself would end everything at once. Its first process inside ignores the signal, the job gets it.
    terminate: () => void status.child.then((child) => child !== undefined && signalGroup(child, 'SIGTERM')),
    kill: () => void signalProcess(leader.pid, 'SIGKILL'),
    sweep: async () => gone(await status.child),
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
