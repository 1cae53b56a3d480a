import { resolve } from 'node:path'
import type { App } from '../app.ts'
import type { BranchFacts } from '../app/branches.ts'
import { findExecutor, type ChosenExecutor } from '../app/executor.ts'
import { CONFIG_PATH } from '../app/served-project.ts'
import { DEFAULT_ISOLATION, type Isolation } from '../model/isolation.ts'
import { systemClock } from '../platform/clock.ts'
import type { WorkTree } from '../platform/work-tree.ts'
import { defaultSettings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { answerStore, buildOf } from './answer-store.ts'
import { appFailure } from './app-failure.ts'
import { chooseColors } from './colors.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { failure, type Failure } from './failure.ts'
import { readProjectVariables } from './project-variables.ts'
import { findRepository, originOf, readConfiguration } from './repository.ts'
import { openRunMirror } from './run-checkout.ts'
import type { RunFlags } from './run-flags.ts'
import { runFamily } from './run-family.ts'
import { jsonReporter } from './run-json.ts'
import type { RunReporter } from './run-reporter.ts'
import { textReporter } from './run-text.ts'
import { foldersOf, probeFolder, type Folders } from './state-folder.ts'
import { shellWord } from './words.ts'

/** A state folder of `sluice run` has one project. */
export const PROJECT_ID = 1

/** The flags that every command with an app of its own has. */
export type RunAppFlags = Pick<
  RunFlags,
  'cwd' | 'state' | 'variablesFile' | 'concurrency' | 'executor' | 'network' | 'json' | 'color'
>

/** An app around this repository's state folder, and what it was opened for. */
export interface RunApp<T> {
  readonly app: App
  readonly folders: Folders
  /** What was read of the repository. */
  readonly work: T
  /** Begins to take jobs. Call once. */
  startRunner(): void
}

export interface RunAppRequest<T> {
  readonly flags: RunAppFlags
  readonly context: CommandContext
  readonly reporter: Pick<RunReporter, 'notice'>
  /** Before anything is written. */
  check?(tree: WorkTree): Result<unknown, Failure>
  /** What the command needs of the repository; git is started before it first waits. */
  read(tree: WorkTree, mirror: string): Promise<Result<T, Failure>>
}

/** Everything that stands between the command line and the engine. What does not depend on each other runs side by side. */
export async function openRunApp<T extends { readonly branches: BranchFacts }>(
  request: RunAppRequest<T>,
): Promise<Result<RunApp<T>, Failure>> {
  const cwd = resolve(request.flags.cwd)
  // git first, since it is another process; then what keeps this one busy meanwhile.
  const git = { configuration: readConfiguration(cwd), repository: findRepository(cwd) }
  const probing = findExecutor(isolationOf(request.flags), probeFolder(request.context.env))
  try {
    return await openBeside(request, { ...git, probing })
  } finally {
    await probing // it tidies up behind itself
  }
}

/** What the flags say; a work tree has no settings of its own. */
function isolationOf({ executor, network }: RunAppFlags): Isolation {
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

async function openBeside<T extends { readonly branches: BranchFacts }>(
  request: RunAppRequest<T>,
  underway: Underway,
): Promise<Result<RunApp<T>, Failure>> {
  const { flags, context, reporter } = request
  const tree = await underway.repository
  if (!tree.ok) return tree
  const checked = request.check?.(tree.value)
  if (checked && !checked.ok) return checked
  const variables = await readProjectVariables(flags.variablesFile, {
    root: tree.value.root,
    env: context.env,
  })
  if (!variables.ok) return variables
  const folders = foldersOf(tree.value.root, flags.state, context.env)
  const mirror = await openRunMirror(tree.value, folders.stateDir)
  if (!mirror.ok) return mirror
  const reading = request.read(tree.value, mirror.value)
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
  for (const notice of variables.value.notices) reporter.notice(notice)
  if (executor.value.notice !== null) reporter.notice(executor.value.notice)

  const origin = originOf(configuration.originUrl, tree.value.root)
  const project = {
    id: PROJECT_ID,
    name: origin.projectName,
    path: tree.value.root,
    repository: mirror.value,
    defaultBranch: work.value.branches.defaultBranch,
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
    keptPlans: { store: answerStore(context), build: buildOf(context) },
    clock: systemClock,
    version: context.version,
    serverUrl: origin.serverUrl,
    notice: reporter.notice,
  })
  if (!app.ok) return err(appFailure(app.error, folders.stateDir))
  const chosen = executor.value
  return ok({
    app: app.value,
    folders,
    work: work.value,
    startRunner: () => startRunner(flags, app.value, chosen, folders),
  })
}

function startRunner(
  flags: Pick<RunFlags, 'concurrency'>,
  app: App,
  executor: ChosenExecutor,
  folders: Folders,
): void {
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

/** Who tells what the pipeline does. */
export function reporterFor(flags: RunAppFlags, context: CommandContext): RunReporter {
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
function suffixOf({ cwd, state }: Pick<RunFlags, 'cwd' | 'state'>): string {
  return `${cwd === '.' ? '' : ` --cwd ${shellWord(cwd)}`}${state === undefined ? '' : ` --state ${shellWord(state)}`}`
}

/** Jobs of the run's own pipeline are played by their names, those of others by their numbers. */
export function waitingText(app: App, pipelineId: number): string {
  const family = runFamily(app, pipelineId)
  const waiting = family.all().flatMap(({ id }) =>
    app.store.jobs
      .headsOf(id)
      // A trigger job that mirrors a waiting pipeline is not what is waited for.
      .filter(
        (job) => job.status === 'manual' && !(job.kind === 'bridge' && app.store.pipelines.startedBy(job.id)),
      )
      .map((job) => ({
        name: `${family.prefixOf(id)}${job.name}`,
        command: id === pipelineId ? `run ${shellWord(job.name)}` : `play ${job.id}`,
      })),
  )
  const names = waiting.map(({ name }) => name).join(', ')
  return `waits for a person: ${names}. Play one with: sluice ${waiting[0]?.command ?? ''}`
}
