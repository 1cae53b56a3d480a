import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PayloadStep } from '../../model/payload.ts'
import { ENVIRONMENT_FILE, isTrue, withJobStatus, type JobVariables } from '../job-variables.ts'
import { headingLine, noticeLine, warningLine } from '../log/ansi.ts'
import { describeExit, jobStatus, type Outcome } from '../outcome.ts'
import { runScript } from '../script/run-script.ts'
import { scriptText } from '../script/script-text.ts'
import { formatGoDuration } from '../../shared/chronic-duration.ts'
import { inSection, type Build } from './build.ts'

/** Writes the values of file variables where `$GITLAB_ENV` will stand, too. */
export function writeFileVariables({ variables, workspace, log }: Build): void {
  for (const { key, content } of variables.files)
    writeFileSync(join(workspace.slot.temp, key), content, { mode: 0o600 })
  for (const key of variables.impossible)
    log.say(warningLine(`variable "${key}" is not set: no shell variable can have this name`))
}

/** before_script and script, in one shell. */
export async function stepScript(
  build: Build,
  step: PayloadStep,
  started: (pid: number) => void,
): Promise<Outcome> {
  return inSection(build, 'step_script', async () => {
    build.log.say(headingLine('Executing "step_script" stage of the job script'))
    const exit = await run(build, step, {
      exported: build.variables.exported,
      signal: build.end.script,
      started,
    })
    const ended = build.end.outcome()
    if (ended) {
      sayWhy(build, ended)
      return ended
    }
    if (!exit.ok) return { kind: 'system_failure', message: exit.error }
    return exit.value.kind === 'exited' && exit.value.code === 0
      ? { kind: 'success' }
      : { kind: 'script_failed', exit: exit.value }
  })
}

/** A shell of its own with a time limit of its own; how it ends changes nothing. */
export async function afterScript(build: Build, step: PayloadStep, outcome: Outcome): Promise<void> {
  const { log, clock, end } = build
  await inSection(build, 'after_script', async () => {
    log.say(headingLine('Running after_script') + noticeLine('Running after script...'))
    const limit = new AbortController()
    const cancelLimit = clock.after(step.timeout * 1000, () => limit.abort())
    const exported = withJobStatus(build.variables.exported, jobStatus(outcome))
    try {
      const exit = await run(build, step, {
        exported,
        signal: AbortSignal.any([end.everything, limit.signal]),
        started: () => {},
      })
      if (end.everything.aborted) return
      const failure = limit.signal.aborted
        ? `execution took longer than ${formatGoDuration(step.timeout)} seconds`
        : failureOf(exit)
      if (failure !== null)
        log.say(warningLine(`after_script failed, but job will continue unaffected: ${failure}`))
    } finally {
      cancelLimit()
    }
  })
}

type ScriptEnd = Awaited<ReturnType<typeof runScript>>

function failureOf(exit: ScriptEnd): string | null {
  if (!exit.ok) return exit.error
  return exit.value.kind === 'exited' && exit.value.code === 0 ? null : describeExit(exit.value)
}

function run(
  build: Build,
  step: PayloadStep,
  options: { exported: JobVariables['exported']; signal: AbortSignal; started(pid: number): void },
): Promise<ScriptEnd> {
  const { environment, executor, workspace, lane, log, clock, graceMs } = build
  const said = join(workspace.slot.temp, ENVIRONMENT_FILE)
  const text = scriptText(executor.shell, {
    variables: options.exported,
    directory: environment.projectDir,
    environmentFile:
      existsSync(said) && statSync(said).size > 0 ? `${environment.tempDir}/${ENVIRONMENT_FILE}` : null,
    elements: step.script,
    trace: isTrue(options.exported, 'CI_DEBUG_TRACE'),
  })
  return runScript({
    environment,
    lane,
    text,
    log,
    clock,
    graceMs,
    signal: options.signal,
    started: options.started,
  })
}

function sayWhy({ log }: Build, outcome: Outcome): void {
  if (outcome.kind === 'canceled') log.say(warningLine('script canceled externally (UI, API)'))
  if (outcome.kind === 'timed_out') {
    log.say(
      warningLine(
        'step_script could not run to completion because the timeout was exceeded. For more control over job and script timeouts see: https://docs.gitlab.com/ci/runners/configure_runners/#set-script-and-after_script-timeouts',
      ),
    )
  }
}
