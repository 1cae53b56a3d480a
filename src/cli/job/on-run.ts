import { readBranches, type BranchFacts } from '../../app/branches.ts'
import type { App } from '../../app.ts'
import { isCompleted } from '../../model/status.ts'
import { LOCAL_USER_ID } from '../../model/user.ts'
import { variable } from '../../model/variable.ts'
import type { VerbRefusal } from '../../pipeline/verbs.ts'
import type { WorkTree } from '../../platform/work-tree.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import { done, field } from '../daemon/command.ts'
import { endOnSignals, type Ending } from '../ending.ts'
import { EXIT, exitCodeOfPipeline } from '../exit-code.ts'
import { failure, usageFailure, type Failure } from '../failure.ts'
import { openRunApp, reporterFor, waitingText, type RunApp } from '../run-app.ts'
import { RUN_LIMITS } from '../run-limits.ts'
import type { RunReporter } from '../run-reporter.ts'
import { statusWord } from '../status-text.ts'
import type { Deed } from './job-commands.ts'

interface ReadForVerb {
  readonly branches: BranchFacts
}

/** Acts on what `sluice run` left in its state folder. What starts again is run to its end and reported, as `run` does. */
export async function actOnRun(deed: Deed, context: CommandContext): Promise<number> {
  const reporter = reporterFor(deed.flags, context)
  const ending = endOnSignals(reporter)
  try {
    const outcome = await act(deed, context, reporter, ending)
    if (outcome.ok) return outcome.value
    reporter.failed(outcome.error)
    return outcome.error.exitCode
  } finally {
    ending.release()
  }
}

async function act(
  deed: Deed,
  context: CommandContext,
  reporter: RunReporter,
  ending: Ending,
): Promise<Result<number, Failure>> {
  const opened = await openRunApp({ flags: deed.flags, context, reporter, read: readForVerb })
  if (!opened.ok) return opened
  const { app } = opened.value
  try {
    const changed = change(app, deed)
    if (!changed.ok) return err(usageFailure(`job.${changed.error.reason}`, changed.error.message))
    if (deed.verb === 'cancel') return canceled(app, deed, context)
    const pipelineId = deed.flags.pipeline ? deed.id : app.store.jobs.find(changed.value)?.pipelineId
    return pipelineId === undefined
      ? err(usageFailure('job.unknown', `there is no job ${deed.id}`))
      : await goOn(opened.value, pipelineId, reporter, ending)
  } finally {
    await app.close()
  }
}

async function readForVerb({ gitDir, branch }: WorkTree): Promise<Result<ReadForVerb, Failure>> {
  try {
    return ok({ branches: await readBranches(gitDir, branch) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return err(failure(EXIT.machine, 'repository.unreadable', message))
  }
}

/** The rows change here; the id is that of the job that will run, or of the pipeline. */
function change({ engine, store }: App, { verb, id, flags }: Deed): Result<number, VerbRefusal> {
  const variables = Object.entries(flags.variable).map(([key, value]) => variable(key, value, 'manual'))
  const options = { userId: LOCAL_USER_ID, variables }
  if (!flags.pipeline) {
    if (verb === 'cancel') return engine.verbs.cancel(id, { force: flags.force })
    return verb === 'play' ? engine.verbs.play(id, options) : engine.verbs.retry(id, options)
  }
  if (verb === 'retry') return engine.verbs.retryPipeline(id, options)
  if (!store.pipelines.find(id)) return err({ reason: 'not_found', message: `there is no pipeline ${id}` })
  engine.cancel(id)
  return ok(id)
}

function canceled({ store }: App, { id, flags }: Deed, context: CommandContext): Result<number, Failure> {
  const row = flags.pipeline ? store.pipelines.find(id) : store.jobs.find(id)
  const what = flags.pipeline ? 'pipeline' : 'job'
  const value = { schema: 1, [what]: { id, status: field(row, 'status') } }
  return done(context, flags, value, `${what} ${id}: ${statusWord(field(row, 'status'))}\n`)
}

/** Runs what starts again to its end. */
async function goOn(
  { app, startRunner }: RunApp<ReadForVerb>,
  pipelineId: number,
  reporter: RunReporter,
  ending: Ending,
): Promise<Result<number, Failure>> {
  const owner = app.store.pipelines.ownershipOf(pipelineId)?.owner ?? app.processId
  if (owner !== app.processId) {
    const pid = app.store.processes.find(owner)?.pid
    reporter.notice(
      `pipeline ${pipelineId} is run by process ${pid ?? '?'}, which goes on with it and shows its output`,
    )
  }
  reporter.created(app, pipelineId)
  ending.cancels(app, pipelineId)
  startRunner()
  const pipeline = await app.engine.settled(pipelineId)
  await reporter.finished(app, pipeline)
  if (!isCompleted(pipeline.status)) reporter.notice(waitingText(app, pipelineId))
  await app.prune(RUN_LIMITS)
  return ok(ending.exitCode() ?? exitCodeOfPipeline(pipeline.status))
}
