import type { Clock } from '../../platform/clock.ts'
import type { FifoReader } from '../../platform/fifo.ts'
import { killHolders, type Exit } from '../../platform/process.ts'
import { err, type Result } from '../../shared/result.ts'
import type { BuildEnvironment, RunningScript } from '../executors/executor.ts'
import type { JobLog } from '../log/job-log.ts'
import type { Lane } from '../scratch/lanes.ts'

export interface ScriptRun {
  readonly environment: BuildEnvironment
  readonly lane: Lane
  readonly text: string
  /** Given every piece of output. */
  readonly watch?: (bytes: Buffer) => void
  readonly log: JobLog
  readonly clock: Clock
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** Aborted: end the script, with grace. */
  readonly signal: AbortSignal
  started?(pid: number): void
  /** The script came to the end of what a setting allows it. */
  limitMet?(setting: string): void
}

/** A background child may hold the pipe open; gitlab-runner would wait for it for as long as it lives. */
const PATIENCE_MS = 2_000

/** Runs one script to its end; afterwards nothing of it that can be found is alive. The error is a failure of the executor. Rejects when the pipe or the script file cannot be made. */
export async function runScript(run: ScriptRun): Promise<Result<Exit, string>> {
  const output = await run.lane.open((bytes) => {
    run.watch?.(bytes)
    return run.log.output(bytes)
  })
  try {
    const started = await start(run, output)
    output.closeWriteEnd()
    if (!started.ok) return err(started.error)
    run.started?.(started.value.pid)
    const end = await endOf(started.value, run)
    await drain(output, started.value, run)
    return end
  } finally {
    output.closeWriteEnd()
    output.close()
    run.log.release()
  }
}

async function start(run: ScriptRun, output: FifoReader): Promise<Result<RunningScript, string>> {
  const script = run.lane.file(run.environment.prologue + run.text)
  try {
    return await run.environment.start({
      script: script.descriptor,
      output: output.writeEnd,
      file: (content) => run.lane.file(content).descriptor,
    })
  } finally {
    script.close()
  }
}

async function endOf(
  script: RunningScript,
  { signal, clock, graceMs }: ScriptRun,
): Promise<Result<Exit, string>> {
  let cancelKill = () => {}
  const end = () => {
    script.terminate()
    cancelKill = clock.after(graceMs, () => script.kill())
  }
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  try {
    return await script.ended
  } finally {
    signal.removeEventListener('abort', end)
    cancelKill()
  }
}

/** Takes the rest of the output. A writer that outlives the script is given a moment, then killed, then left alone. */
async function drain(
  output: FifoReader,
  script: RunningScript,
  { clock, lane, limitMet }: ScriptRun,
): Promise<void> {
  const inTime = await endsWithin(output, clock)
  const limit = await script.sweep()
  if (limit !== null) limitMet?.(limit)
  if (!inTime) {
    // When nobody can write any more the end is certain, however long the log takes to be written.
    if (killHolders(lane.pipe())) await output.ended
    else await endsWithin(output, clock)
  }
  output.close()
  if (!(await output.ended)) lane.abandonPipe()
}

async function endsWithin(output: FifoReader, clock: Clock): Promise<boolean> {
  let cancel = () => {}
  const late = new Promise<boolean>((resolve) => (cancel = clock.after(PATIENCE_MS, () => resolve(false))))
  const inTime = await Promise.race([output.ended.then(() => true), late])
  cancel()
  return inTime
}
