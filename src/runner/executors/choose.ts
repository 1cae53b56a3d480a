import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openFifo, makeFifos } from '../../platform/fifo.ts'
import type { Isolation } from '../../model/isolation.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { findShell, type JobShell } from '../script/shell.ts'
import { temporaryFile } from '../scratch/temporary-file.ts'
import { bubblewrapExecutor } from './bubblewrap.ts'
import type { BuildPlace, Executor } from './executor.ts'
import { probeMemory, type ProbeMemory } from './probe-memory.ts'
import { natProblem } from './sandbox-network.ts'
import { shellExecutor } from './shell.ts'

export interface ChosenExecutor {
  readonly executor: Executor
  /** To be shown once: what protection is missing, why, and what would bring it. */
  readonly notice: string | null
}

/**
 * The executor for a setting. bubblewrap is tried for real, with all of its arguments, once until the machine changes. `auto` falls back to plain shell
 * with a notice; `bubblewrap` fails rather than weakens. `scratchDir` must be writable; the error names what helps.
 */
export async function chooseExecutor(
  isolation: Isolation,
  options: ChooseOptions,
): Promise<Result<ChosenExecutor, string>> {
  const shell = options.shell ?? findShell(isolation.shell)
  if (!shell) return err(noShell(isolation.shell.name))
  return isolation.executor === 'shell'
    ? plainShell(shell, isolation, null)
    : sandboxed(shell, isolation, options)
}

export interface ChooseOptions {
  readonly scratchDir: string
  readonly shell?: JobShell
  /** The program, if not the one in the system's path. */
  readonly bubblewrap?: string
}

/** Plain processes hold limits as well as any; what they cannot hold is not silently left out. */
function plainShell(
  shell: JobShell,
  { sandbox }: Isolation,
  why: string | null,
): Result<ChosenExecutor, string> {
  if (sandbox.network !== 'host') {
    const reason = why ?? 'the shell executor was chosen'
    return err(
      `sandbox.network: ${sandbox.network} needs bubblewrap, and ${reason}\nwith "network: host" jobs use the network of this machine`,
    )
  }
  return ok({ executor: shellExecutor(shell, sandbox.limits), notice: why })
}

function noShell(name: 'auto' | 'bash' | 'sh'): string {
  if (name === 'auto')
    return 'no shell was found: neither bash nor sh is in /usr/local/bin, /usr/bin or /bin; install one with: apt-get install bash'
  return `the setting "shell: ${name}" cannot be followed: ${name} is not in /usr/local/bin, /usr/bin or /bin`
}

async function sandboxed(
  shell: JobShell,
  isolation: Isolation,
  options: ChooseOptions,
): Promise<Result<ChosenExecutor, string>> {
  const { executor: choice, sandbox } = isolation
  const nat = sandbox.network === 'nat' ? natProblem() : null
  if (nat !== null) return err(nat)
  const program = options.bubblewrap === undefined ? {} : { program: options.bubblewrap }
  const executor = bubblewrapExecutor({ shell, policy: sandbox, ...program })
  const memory = probeMemory(
    options.scratchDir,
    options.bubblewrap ?? 'bwrap',
    `${shell.path} ${executor.isolation}`,
  )
  if (memory.knows()) return ok({ executor: doubting(executor, memory), notice: null })
  // What one project binds may not be there yet; the translator is not started for a trial.
  const network = sandbox.network === 'host' ? 'host' : 'none'
  const trial = bubblewrapExecutor({ shell, policy: { ...sandbox, binds: [], network }, ...program })
  const problem = await tryExecutor(trial, options.scratchDir)
  if (problem === null) {
    memory.learn()
    return ok({ executor, notice: null })
  }
  const why = `bubblewrap does not work here: ${problem}`
  if (choice === 'bubblewrap') return err(`${why}\n${remedy(problem)}`)
  return plainShell(
    shell,
    isolation,
    `${why}\nJobs run as plain processes (shell executor): they can read what you can read. ${remedy(problem)}`,
  )
}

/** Takes a remembered success for what it is: the first sandbox that cannot be set up makes the next start try again. */
function doubting(executor: Executor, memory: ProbeMemory): Executor {
  return {
    ...executor,
    prepare(place) {
      const environment = executor.prepare(place)
      return {
        ...environment,
        async start(descriptors) {
          const started = await environment.start(descriptors)
          if (!started.ok) memory.forget()
          else void started.value.ended.then((end) => end.ok || memory.forget())
          return started
        },
      }
    },
  }
}

/** Runs `true` as a job would run; null when that worked, else the reason. */
export async function tryExecutor(executor: Executor, scratchDir: string): Promise<string | null> {
  let folder: string | undefined
  try {
    mkdirSync(scratchDir, { recursive: true })
    folder = mkdtempSync(join(scratchDir, 'probe-'))
    return await probe(executor, folder)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

async function probe(executor: Executor, folder: string): Promise<string | null> {
  const environment = executor.prepare(probePlace(folder))
  const fifo = join(folder, 'output')
  await makeFifos([fifo])
  const said: string[] = []
  const output = openFifo(fifo, async (bytes) => void said.push(bytes.toString()))
  const file = (content: string | Uint8Array) => temporaryFile(folder, content)
  const script = file('exit 0\n')
  const started = await environment.start({
    script: script.descriptor,
    output: output.writeEnd,
    file: (content) => file(content).descriptor,
  })
  output.closeWriteEnd()
  script.close()
  if (!started.ok) return started.error
  const end = await started.value.ended
  await output.ended
  const words = said.join('').trim()
  if (!end.ok) return words || end.error
  return end.value.kind === 'exited' && end.value.code === 0 ? null : words || 'the trial job failed'
}

function probePlace(folder: string): BuildPlace {
  const folders = {
    builds: join(folder, 'builds'),
    project: join(folder, 'builds/project'),
    temp: join(folder, 'builds/project.tmp'),
  }
  const scratch = { temp: join(folder, 'tmp'), home: join(folder, 'home') }
  const gitDir = join(folder, 'mirror')
  const objects = join(gitDir, 'objects')
  for (const path of [folders.project, folders.temp, scratch.temp, scratch.home, objects])
    mkdirSync(path, { recursive: true })
  return {
    folders,
    scratch,
    repository: { gitDir, objects: [objects] },
    projectPath: 'sluice/probe',
    hide: [folder],
  }
}

/** What helps, from the known causes. */
function remedy(problem: string): string {
  if (problem.includes('ENOENT')) return 'Install it with: apt-get install bubblewrap'
  if (setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return 'AppArmor keeps programs from making user namespaces: give /usr/bin/bwrap a profile, or run: sysctl kernel.apparmor_restrict_unprivileged_userns=0'
  }
  if (setting('/proc/sys/user/max_user_namespaces') === '0')
    return 'User namespaces are off; run: sysctl user.max_user_namespaces=15000'
  if (setting('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return 'User namespaces are off; run: sysctl kernel.unprivileged_userns_clone=1'
  return 'It needs user namespaces, which a container around Sluice may forbid; the newest package may help: apt-get install bubblewrap'
}

function setting(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined // this kernel does not have the switch
  }
}
