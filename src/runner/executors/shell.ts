import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { jobMarker, MARKER } from '../../platform/job-marker.ts'
import { ownIdentity, processIdentity } from '../../platform/process-identity.ts'
import {
  killRemains,
  startGroup,
  terminateGroup,
  type Exit,
  type ProcessSpec,
} from '../../platform/process.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { JobShell } from '../script/shell.ts'
import { OPEN_SANDBOX, type SandboxLimits } from '../../model/isolation.ts'
import { findLimits, type Limits } from './limits.ts'
import type { BuildEnvironment, Executor, RunningScript, ScriptDescriptors } from './executor.ts'
import { cleanEnvironment, ownHome } from './job-environment.ts'

/** A job this long may have made so many processes that their ids wrapped around. */
const LONG_JOB_MS = 5_000

/**
 * Plain processes with the rights of whoever runs Sluice, as gitlab-runner's shell executor. Every script has its own process
 * group and a marker in its environment; with limits, where this process may make one, a control group. Without a control group
 * a process survives its job that has called setsid, cleaned its environment and left the workspace, all three.
 */
export function shellExecutor(shell: JobShell, wanted: SandboxLimits = OPEN_SANDBOX.limits): Executor {
  const limits = findLimits(wanted, { shell, apart: false })
  return {
    name: 'shell',
    shell,
    notices: limits.notices,
    isolation: limits.text === 'none' ? 'shell' : `shell (limits: ${limits.text})`,
    prepare: ({ folders, repository, scratch }): BuildEnvironment => ({
      buildsDir: folders.builds,
      projectDir: folders.project,
      tempDir: folders.temp,
      repository,
      mountPoints: [],
      prologue: limits.prologue,
      start: (descriptors) =>
        startScript({ shell, limits, project: folders.project, temp: scratch.temp }, descriptors),
    }),
  }
}

interface PlainScript {
  readonly shell: JobShell
  readonly limits: Limits
  readonly project: string
  readonly temp: string
}

async function startScript(
  { shell, limits, ...places }: PlainScript,
  descriptors: ScriptDescriptors,
): Promise<Result<RunningScript, string>> {
  const marker = `${jobMarker(ownIdentity())}${randomBytes(12).toString('hex')}`
  const began = performance.now()
  const hold = limits.hold()
  const spec: ProcessSpec = {
    ...hold.command(shell.path, shell.args),
    env: {
      ...hold.env,
      ...cleanEnvironment({ home: ownHome(), temp: places.temp, shell: shell.path }),
      [MARKER]: marker,
    },
    // The script goes there itself, and says so when a job has deleted its workspace.
    cwd: existsSync(places.project) ? places.project : '/',
    stdio: [descriptors.script, descriptors.output, descriptors.output],
  }
  const started = await startGroup(spec)
  if (!started.ok) {
    await hold.close()
    return err(`starting ${shell.path}: ${started.error}`)
  }
  const { pid, ended } = started.value
  const since = processIdentity(pid)?.pidStart
  const killAll = () => {
    hold.kill()
    killRemains({
      leader: pid,
      marker: `${MARKER}=${marker}`,
      ...(since !== undefined && { within: { folders: [places.project, places.temp], since } }),
      all: performance.now() - began > LONG_JOB_MS,
    })
  }
  return ok({
    pid,
    ended: ended.then((exit) => ok(asShellSays(exit))),
    terminate: () => terminateGroup(pid),
    kill: killAll,
    async sweep() {
      killAll()
      return hold.close()
    },
  })
}

/** 128 and the signal's number, as every shell and bubblewrap say it, so that `exit_codes` mean the same in both executors. */
function asShellSays(exit: Exit): Exit {
  return exit.kind === 'exited' ? exit : { kind: 'exited', code: 128 + constants.signals[exit.signal] }
}
