import { randomBytes } from 'node:crypto'
import { constants } from 'node:os'
import { jobMarker, MARKER } from '../../platform/job-marker.ts'
import { ownIdentity } from '../../platform/process-identity.ts'
import { killRemains, signalGroup, startGroup, type Exit, type ProcessSpec } from '../../platform/process.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { JobShell } from '../script/shell.ts'
import type { BuildEnvironment, Executor, RunningScript, ScriptDescriptors } from './executor.ts'
import { cleanEnvironment, ownHome } from './job-environment.ts'

/** A job this long may have made so many processes that their ids wrapped around. */
const LONG_JOB_MS = 5_000

/**
 * Plain processes with the rights of whoever runs Sluice, as gitlab-runner's shell executor. Every script has its own process
 * group and a marker in its environment. A process that leaves the group with setsid and cleans its environment survives its
 * job; only a pid namespace (bubblewrap) can promise more.
 */
export function shellExecutor(shell: JobShell): Executor {
  return {
    name: 'shell',
    shell,
    isolation: 'shell',
    prepare: ({ folders, repository, scratch }): BuildEnvironment => ({
      buildsDir: folders.builds,
      projectDir: folders.project,
      tempDir: folders.temp,
      repository,
      mountPoints: [],
      start: (descriptors) =>
        startScript(shell, { project: folders.project, temp: scratch.temp }, descriptors),
    }),
  }
}

async function startScript(
  shell: JobShell,
  places: { project: string; temp: string },
  descriptors: ScriptDescriptors,
): Promise<Result<RunningScript, string>> {
  const marker = `${jobMarker(ownIdentity())}${randomBytes(12).toString('hex')}`
  const began = performance.now()
  const spec: ProcessSpec = {
    file: shell.path,
    args: shell.args,
    env: {
      ...cleanEnvironment({ home: ownHome(), temp: places.temp, shell: shell.path }),
      [MARKER]: marker,
    },
    cwd: places.project,
    stdio: [descriptors.script, descriptors.output, descriptors.output],
  }
  const started = await startGroup(spec)
  if (!started.ok) return err(`starting ${shell.path}: ${started.error}`)
  const { pid, ended } = started.value
  const killAll = () => {
    killRemains({
      leader: pid,
      marker: `${MARKER}=${marker}`,
      all: performance.now() - began > LONG_JOB_MS,
    })
  }
  return ok({
    pid,
    ended: ended.then((exit) => ok(asShellSays(exit))),
    terminate: () => void signalGroup(pid, 'SIGTERM'),
    kill: killAll,
    sweep: async () => killAll(),
  })
}

/** 128 and the signal's number, as every shell and bubblewrap say it, so that `exit_codes` mean the same in both executors. */
function asShellSays(exit: Exit): Exit {
  return exit.kind === 'exited' ? exit : { kind: 'exited', code: 128 + constants.signals[exit.signal] }
}
