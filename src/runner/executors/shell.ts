import { randomBytes } from 'node:crypto'
import { killRemains, signalGroup, startGroup, type ProcessSpec } from '../../platform/process.ts'
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
  const token = randomBytes(12).toString('hex')
  const began = performance.now()
  const spec: ProcessSpec = {
    file: shell.path,
    args: shell.args,
    env: {
      ...cleanEnvironment({ home: ownHome(), temp: places.temp, shell: shell.path }),
      SLUICE_JOB_MARKER: token,
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
      marker: `SLUICE_JOB_MARKER=${token}`,
      all: performance.now() - began > LONG_JOB_MS,
    })
  }
  return ok({
    pid,
    ended: ended.then((exit) => ok(exit)),
    terminate: () => void signalGroup(pid, 'SIGTERM'),
    kill: killAll,
    sweep: async () => killAll(),
  })
}
