import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PayloadStep } from '../../model/payload.ts'
import { ENVIRONMENT_FILE, isFalse, isTrue, withJobStatus, type JobVariables } from '../job-variables.ts'
import { headingLine, noticeLine, warningLine } from '../log/ansi.ts'
import { describeExit, jobStatus, type Outcome } from '../outcome.ts'
import { sandboxHint } from '../executors/sandbox-hint.ts'
import { outputTail } from '../script/output-tail.ts'
import { runScript, type ScriptRun } from '../script/run-script.ts'
import { scriptText } from '../script/script-text.ts'
import { timeLimits, type TimeLimits } from '../script/time-limits.ts'
import { err } from '../../shared/result.ts'
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
  const { log, clock, end, executor } = build
  const limits = limitsOf(build)
  for (const warning of limits.warnings) log.say(warningLine(warning))
  return inSection(build, 'step_script', async () => {
    log.say(headingLine('Executing "step_script" stage of the job script'))
    const tail = outputTail()
    let met: string | null = null
    const { script } = limits
    const cancelLimit = script === null ? () => {} : clock.after(script * 1000, () => end.timeOut(script))
    const exit = await run(build, step, {
      exported: build.variables.exported,
      signal: end.script,
      started,
      watch: (bytes) => tail.take(bytes),
      limitMet: (setting) => (met = setting),
    }).finally(cancelLimit)
    const ended = end.outcome()
    if (ended) {
      sayWhy(build, ended)
      return ended
    }
    if (!exit.ok) return { kind: 'system_failure', message: exit.error }
    if (exit.value.kind === 'exited' && exit.value.code === 0) return { kind: 'success' }
    const hint = sandboxHint(executor.sandbox, tail.text(), met)
    if (hint !== null) log.say(warningLine(hint))
    return { kind: 'script_failed', exit: exit.value }
  })
}

/**
 * A shell of its own with a time limit of its own; how it ends changes nothing, unless `AFTER_SCRIPT_IGNORE_ERRORS` is false. The answer is how
 * the job stands then.
 */
export async function afterScript(build: Build, step: PayloadStep, outcome: Outcome): Promise<Outcome> {
  const { log, clock, end } = build
  const seconds = limitsOf(build, step.timeout).afterScript
  return inSection(build, 'after_script', async () => {
    log.say(headingLine('Running after_script') + noticeLine('Running after script...'))
    const limit = new AbortController()
    const cancelLimit = clock.after(seconds * 1000, () => limit.abort())
    const exported = withJobStatus(build.variables.exported, jobStatus(outcome))
    try {
      const exit = await run(build, step, {
        exported,
        signal: AbortSignal.any([end.everything, limit.signal]),
        started: () => {},
        // A disk that the script has filled: the script's own end is what counts.
      }).catch((error: unknown) => err(error instanceof Error ? error.message : String(error)))
      if (end.everything.aborted) return end.outcome() ?? outcome
      const failure = limit.signal.aborted
        ? `execution took longer than ${formatGoDuration(seconds)} seconds`
        : failureOf(exit)
      if (failure === null) return outcome
      if (outcome.kind === 'success' && isFalse(exported, 'AFTER_SCRIPT_IGNORE_ERRORS'))
        return afterScriptFailed(exit, limit.signal.aborted ? seconds : null)
      log.say(warningLine(`after_script failed, but job will continue unaffected: ${failure}`))
      return outcome
    } finally {
      cancelLimit()
    }
  })
}

function afterScriptFailed(exit: ScriptEnd, limit: number | null): Outcome {
  if (limit !== null) return { kind: 'timed_out', limit: formatGoDuration(limit) }
  return exit.ok
    ? { kind: 'script_failed', exit: exit.value }
    : { kind: 'system_failure', message: exit.error }
}

function limitsOf({ payload, variables }: Build, afterScriptSeconds = 0): TimeLimits {
  return timeLimits((name) => variables.exported.find(({ key }) => key === name)?.value, {
    job: payload.runner_info.timeout,
    afterScript: afterScriptSeconds,
  })
}

type ScriptEnd = Awaited<ReturnType<typeof runScript>>

function failureOf(exit: ScriptEnd): string | null {
  if (!exit.ok) return exit.error
  return exit.value.kind === 'exited' && exit.value.code === 0 ? null : describeExit(exit.value)
}

interface RunOptions extends Pick<ScriptRun, 'signal' | 'watch' | 'limitMet'> {
  readonly exported: JobVariables['exported']
  started(pid: number): void
}

function run(build: Build, step: PayloadStep, { exported, ...options }: RunOptions): Promise<ScriptEnd> {
  const { environment, executor, workspace, lane, log, clock, graceMs, payload } = build
  const said = join(workspace.slot.temp, ENVIRONMENT_FILE)
  const text = scriptText(executor.shell, {
    variables: exported,
    directory: environment.projectDir,
    environmentFile:
      existsSync(said) && statSync(said).size > 0 ? `${environment.tempDir}/${ENVIRONMENT_FILE}` : null,
    elements: step.script,
    trace: isTrue(exported, 'CI_DEBUG_TRACE'),
    sections: payload.features.trace_sections && isTrue(exported, 'FF_SCRIPT_SECTIONS'),
  })
  return runScript({ environment, lane, text, log, clock, graceMs, ...options })
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
