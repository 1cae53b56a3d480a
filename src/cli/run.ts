import { resolve } from 'node:path'
import type { App } from '../app.ts'
import { findExecutor, type ChosenExecutor } from '../app/executor.ts'
import { CONFIG_PATH } from '../app/served-project.ts'
import { keptCompiler } from '../compile/kept-compiler.ts'
import type { CreatePipelineCommand, CreatePipelineResult } from '../model/command.ts'
import { DEFAULT_ISOLATION, type Isolation } from '../model/isolation.ts'
import { isCompleted } from '../model/status.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import { variable } from '../model/variable.ts'
import { systemClock } from '../platform/clock.ts'
import { defaultSettings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { answerStore, buildOf } from './answer-store.ts'
import { appFailure } from './app-failure.ts'
import { chooseColors } from './colors.ts'
import type { CommandContext } from './context.ts'
import { endOnSignals, type Ending } from './ending.ts'
import { EXIT, exitCodeOfPipeline, exitCodeOfRefusal } from './exit-code.ts'
import { failure, type Failure } from './failure.ts'
import { checkMergeRequest } from './merge-request.ts'
import { readProjectVariables } from './project-variables.ts'
import { findRepository, originOf, readConfiguration } from './repository.ts'
import { configPathOf, openRunMirror, readWorkTree } from './run-checkout.ts'
import type { RunFlags } from './run-flags.ts'
import { jsonReporter } from './run-json.ts'
import { runFamily } from './run-family.ts'
import { RUN_LIMITS } from './run-limits.ts'
import type { RunReporter } from './run-reporter.ts'
import { textReporter } from './run-text.ts'
import { foldersOf, probeFolder, type Folders } from './state-folder.ts'
import { shellWord } from './words.ts'

/** A state folder of `sluice run` has one project. */
const PROJECT_ID = 1

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
    startRunner(run, prepared.value)
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

interface Prepared {
  readonly app: App
  readonly command: CreatePipelineCommand
  readonly executor: ChosenExecutor
  readonly folders: Folders
}

/** Everything that stands between the command line and the pipeline. What does not depend on each other runs side by side. */
async function prepare(run: Run): Promise<Result<Prepared, Failure>> {
  const checked = checkMergeRequest(run.flags)
  if (!checked.ok) return checked
  const cwd = resolve(run.flags.cwd)
  // git first, since it is another process; then what keeps this one busy meanwhile.
  const git = { configuration: readConfiguration(cwd), repository: findRepository(cwd) }
  const probing = findExecutor(isolationOf(run.flags), probeFolder(run.context.env))
  try {
    return await prepareApp(run, { ...git, probing })
  } finally {
    await probing // it tidies up behind itself
  }
}

/** What the flags say; a work tree has no settings of its own. */
function isolationOf({ executor, network }: RunFlags): Isolation {
  const { shell, sandbox } = DEFAULT_ISOLATION
  return {
    executor: executor ?? DEFAULT_ISOLATION.executor,
    shell,
    sandbox: network === undefined ? sandbox : { ...sandbox, network },
  }
}

interface Underway {
  readonly configuration: ReturnType<typeof readConfiguration>
  readonly repository: ReturnType<typeof findRepository>
  readonly probing: ReturnType<typeof findExecutor>
}

async function prepareApp(
  { jobs, flags, context, reporter }: Run,
  underway: Underway,
): Promise<Result<Prepared, Failure>> {
  const tree = await underway.repository
  if (!tree.ok) return tree
  const configPath = configPathOf(tree.value, flags)
  if (!configPath.ok) return configPath
  const variables = await readProjectVariables(flags.variablesFile, {
    root: tree.value.root,
    env: context.env,
  })
  if (!variables.ok) return variables
  const folders = foldersOf(tree.value.root, flags.state, context.env)
  const mirror = await openRunMirror(tree.value, folders.stateDir)
  if (!mirror.ok) return mirror
  const reading = readWorkTree(tree.value, mirror.value, flags)
  // While git works: most of what there is to load.
  const { createApp, openState } = await import('../app.ts')
  const store = openState(folders.stateDir, 'run')
  const [work, configuration, executor] = await Promise.all([
    reading,
    underway.configuration,
    underway.probing,
  ])
  if (!store.ok) return err(appFailure(store.error, folders.stateDir))
  if (!work.ok) return work
  if (!executor.ok) return err(failure(EXIT.machine, 'executor.unavailable', executor.error))
  const { files, branches, checkout, asked } = work.value
  for (const notice of [...variables.value.notices, ...files.notices, ...asked.notices])
    reporter.notice(notice)
  if (executor.value.notice !== null) reporter.notice(executor.value.notice)

  const origin = originOf(configuration.originUrl, tree.value.root)
  const project = {
    id: PROJECT_ID,
    name: origin.projectName,
    path: tree.value.root,
    repository: mirror.value,
    defaultBranch: branches.defaultBranch,
    variables: variables.value.variables,
    configPath: CONFIG_PATH,
  }
  const app = createApp({
    kind: 'run',
    store: store.value,
    projects: [
      {
        project,
        objects: { kind: 'borrowed', source: tree.value.gitDir },
        members: new Map(),
        triggers: [],
        refresh: () => Promise.resolve(),
      },
    ],
    users: [],
    localUser: configuration.identity,
    compiler: keptCompiler(answerStore(context), buildOf(context)),
    clock: systemClock,
    version: context.version,
    serverUrl: origin.serverUrl,
    notice: reporter.notice,
  })
  if (!app.ok) return err(appFailure(app.error, folders.stateDir))
  const command = commandFor({
    jobs,
    flags,
    checkout,
    mergeRequest: asked.mergeRequest,
    configPath: configPath.value,
  })
  return ok({ app: app.value, command, executor: executor.value, folders })
}

/** What the flags ask for, as the one thing that starts a pipeline. */
function commandFor(
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

function createdPipeline({ reporter }: Run, result: CreatePipelineResult): Result<number, Failure> {
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

function startRunner({ flags }: Run, { app, executor, folders }: Prepared): void {
  const { concurrency, logLimit, cache } = defaultSettings()
  app.startRunner({
    executor: executor.executor,
    concurrency: flags.concurrency ?? concurrency,
    buildsDir: folders.buildsDir,
    scratchDir: folders.scratchDir,
    caches: { dir: folders.cacheDir, limit: cache.maxSize },
    logLimit,
    hide: [],
  })
}

/** Jobs of the run's own pipeline are played by their names, those of others by their numbers. */
function waitingText(app: App, pipelineId: number): string {
  const family = runFamily(app, pipelineId)
  const waiting = family.all().flatMap(({ id }) =>
    app.store.jobs
      .headsOf(id)
      // A trigger job that mirrors a waiting pipeline is not what is waited for.
      .filter((job) => job.status === 'manual' && !(job.kind === 'bridge' && app.store.pipelines.startedBy(job.id)))
      .map((job) => ({
        name: `${family.prefixOf(id)}${job.name}`,
        command: id === pipelineId ? `run ${shellWord(job.name)}` : `play ${job.id}`,
      })),
  )
  const names = waiting.map(({ name }) => name).join(', ')
  return `waits for a person: ${names}. Play one with: sluice ${waiting[0]?.command ?? ''}`
}

function reporterFor(flags: RunFlags, context: CommandContext): RunReporter {
  if (flags.json) return jsonReporter(context)
  return textReporter({
    out: context.out,
    err: context.err,
    colors: chooseColors(flags.color, context.env, context.stdoutIsTerminal),
    elapsed: context.elapsed,
    commandSuffix: suffixOf(flags),
  })
}

/** The options that a following command needs to find the same repository and state. */
function suffixOf({ cwd, state }: RunFlags): string {
  return `${cwd === '.' ? '' : ` --cwd ${shellWord(cwd)}`}${state === undefined ? '' : ` --state ${shellWord(state)}`}`
}
