import type { CreatePipelineCommand, CreatePipelineResult } from '../model/command.ts'
import { isCompleted } from '../model/status.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import { variable } from '../model/variable.ts'
import type { WorkTree } from '../platform/work-tree.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { CommandContext } from './context.ts'
import { endOnSignals, type Ending } from './ending.ts'
import { EXIT, exitCodeOfPipeline, exitCodeOfRefusal } from './exit-code.ts'
import { failure, type Failure } from './failure.ts'
import { checkMergeRequest } from './merge-request.ts'
import { openRunApp, PROJECT_ID, reporterFor, waitingText, type RunApp } from './run-app.ts'
import { configPathOf, readWorkTree, type Work } from './run-checkout.ts'
import type { RunFlags } from './run-flags.ts'
import { RUN_LIMITS } from './run-limits.ts'
import type { RunReporter } from './run-reporter.ts'

/**
 * `sluice run`: one pipeline of the working tree, or of a commit, to its end. Resolves with the exit code, everything
 * written and no job running.
 */
export async function runCommand(
  jobs: readonly string[],
  flags: RunFlags,
  context: CommandContext,
): Promise<number> {
  const reporter = reporterFor(flags, context)
  const ending = endOnSignals(reporter)
  try {
    const outcome = await runPipeline({ jobs, flags, context, reporter, ending })
    if (outcome.ok) return outcome.value
    reporter.failed(outcome.error)
    return outcome.error.exitCode
  } finally {
    ending.release()
  }
}

interface Run {
  readonly jobs: readonly string[]
  readonly flags: RunFlags
  readonly context: CommandContext
  readonly reporter: RunReporter
  readonly ending: Ending
}

async function runPipeline(run: Run): Promise<Result<number, Failure>> {
  const prepared = await prepare(run)
  if (!prepared.ok) return prepared
  const { app, command } = prepared.value
  try {
    prepared.value.startRunner()
    const created = createdPipeline(run, await app.engine.create(command))
    if (!created.ok) return created
    const pipelineId = created.value
    run.reporter.created(app, pipelineId)
    run.ending.cancels(app, pipelineId)
    const pipeline = await app.engine.settled(pipelineId)
    await run.reporter.finished(app, pipeline)
    if (!isCompleted(pipeline.status)) run.reporter.notice(waitingText(app, pipelineId))
    await app.prune(RUN_LIMITS)
    return ok(run.ending.exitCode() ?? exitCodeOfPipeline(pipeline.status))
  } finally {
    await app.close()
  }
}

interface Prepared extends RunApp<ReadForRun> {
  readonly command: CreatePipelineCommand
}

interface ReadForRun extends Work {
  readonly configPath: string | null
}

async function prepare(run: Run): Promise<Result<Prepared, Failure>> {
  const { flags, context, reporter, jobs } = run
  const checked = checkMergeRequest(flags)
  if (!checked.ok) return checked
  const opened = await openRunApp<ReadForRun>({
    flags,
    context,
    reporter,
    check: (tree) => configPathOf(tree, flags),
    read: (tree, mirror) => readForRun(tree, mirror, run),
  })
  if (!opened.ok) return opened
  const { checkout, asked, configPath } = opened.value.work
  const command = commandFor({ jobs, flags, checkout, mergeRequest: asked.mergeRequest, configPath })
  return ok({ ...opened.value, command })
}

async function readForRun(
  tree: WorkTree,
  mirror: string,
  { flags, reporter }: Run,
): Promise<Result<ReadForRun, Failure>> {
  const configPath = configPathOf(tree, flags)
  if (!configPath.ok) return configPath
  const work = await readWorkTree(tree, mirror, flags)
  if (!work.ok) return work
  const { files, asked } = work.value
  for (const notice of [...files.notices, ...asked.notices]) reporter.notice(notice)
  return ok({ ...work.value, configPath: configPath.value })
}

/** What the flags ask for, as the one thing that starts a pipeline. */
export function commandFor(
  asked: Pick<Run, 'jobs' | 'flags'> &
    Pick<CreatePipelineCommand, 'checkout' | 'mergeRequest' | 'configPath'>,
): CreatePipelineCommand {
  const { jobs, flags, checkout, mergeRequest = null, configPath } = asked
  return {
    projectId: PROJECT_ID,
    source: flags.event ?? flags.source ?? 'push',
    checkout,
    mergeRequest,
    variables: Object.entries(flags.variable).map(([key, value]) => variable(key, value, 'run')),
    inputs: flags.input,
    userId: LOCAL_USER_ID,
    request: null,
    triggerId: null,
    sourceKey: null,
    saveInvalid: false,
    selection: jobs.length > 0 ? jobs : null,
    configPath,
  }
}

/** The pipeline, with its warnings told; or why there is none. */
export function createdPipeline(
  { reporter }: Pick<Run, 'reporter'>,
  result: CreatePipelineResult,
): Result<number, Failure> {
  switch (result.kind) {
    case 'created':
      if (result.warnings.length > 0) reporter.warnings(result.warnings, result.sources)
      return ok(result.pipelineId)
    case 'invalid':
      return err({ exitCode: EXIT.invalid, problems: result.diagnostics, sources: result.sources })
    case 'refused': {
      const { reason, message, detail, diagnostics, sources } = result.refusal
      if (diagnostics.length > 0)
        return err({ exitCode: exitCodeOfRefusal(reason), problems: diagnostics, sources })
      return err(failure(exitCodeOfRefusal(reason), reason, message, detail))
    }
  }
}
