import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GITLAB_VERSION } from './app/gitlab-version.ts'
import { makeMirrors } from './app/mirrors.ts'
import { makeDirectory } from './app/project-directory.ts'
import { includesFrom } from './app/includes.ts'
import type { PipelineCompiler } from './compile/compiler.ts'
import { keptCompiler } from './compile/kept-compiler.ts'
import { register, registerAgain, type Declared } from './app/registration.ts'
import type { ServedProject } from './app/served-project.ts'
import type { ProjectDirectory } from './http/project-directory.ts'
import {
  type ArtifactRules,
  DEFAULT_ARTIFACT_RULES,
  DEFAULT_LIMITS,
  type EngineLimits,
} from './model/limits.ts'
import { createEngine } from './pipeline/create-engine.ts'
import type { Engine } from './pipeline/engine.ts'
import type { PruneLimits } from './pipeline/prune.ts'
import type { Clock } from './platform/clock.ts'
import type { TextStore } from './platform/text-store.ts'
import { ensurePrivateDir } from './platform/files.ts'
import type { Executor } from './runner/executors/executor.ts'
import { startRunner, type Runner } from './runner/runner.ts'
import type { IncludeSettings } from './settings/settings.ts'
import { err, ok, type Result } from './shared/result.ts'
import { isDiskFull } from './store/database.ts'
import { StoreDamagedError, StoreVersionError } from './store/migrations.ts'
import { openStore, type Store } from './store/store.ts'

export interface AppOptions {
  readonly kind: 'run' | 'serve'
  /** An open state folder; the app closes it. */
  readonly store: Store
  readonly projects: readonly ServedProject[]
  /** Where includes from outside come from; absent: the cache in the work tree. */
  readonly includes?: IncludeSettings
  readonly users: readonly { readonly username: string; readonly name: string; readonly email: string }[]
  /** The configuration that names users and triggers, as messages name it. */
  readonly declaredIn?: string | null
  /** The person at this machine. */
  readonly localUser: { readonly name: string; readonly email: string }
  readonly limits?: EngineLimits
  /** Absent: GitLab's. */
  readonly artifacts?: ArtifactRules
  /** Who compiles CI files; absent: this thread. */
  readonly compiler?: PipelineCompiler
  /** Where this thread keeps the plans of large files. */
  readonly keptPlans?: { readonly store: TextStore; readonly build: string }
  readonly clock: Clock
  readonly version: string
  /** Where jobs are told that Sluice answers, until `answersAt` is called; without trailing slash. */
  readonly serverUrl: string
  /** Something that a person running this should know. */
  notice(text: string): void
}

/** Where caches are kept; `limit`: bytes of them for each project. */
export interface CacheSettings {
  readonly dir: string
  readonly limit: number
}

export interface RunnerSettings {
  readonly executor: Executor
  /** Of projects that have another one, by project id. */
  readonly executors?: ReadonlyMap<number, Executor>
  readonly concurrency: number
  /** Workspaces; below no user's repository. */
  readonly buildsDir: string
  /** Private folders of running jobs, on the disk of the workspaces. */
  readonly scratchDir: string
  readonly caches: CacheSettings
  /** Bytes; a job's log is cut there. */
  readonly logLimit: number
  /** Paths that no job may see, beyond the state folder and the projects' own repositories. */
  readonly hide: readonly string[]
}

/** All parts joined around one state folder. */
export interface App {
  readonly store: Store
  readonly engine: Engine
  readonly projects: ProjectDirectory
  /** The row of this process. */
  readonly processId: number
  /** Begins to take jobs: those of recovered pipelines first. Call once. */
  startRunner(settings: RunnerSettings): Runner
  /** Serves other projects and users from now on. What runs goes on as it began. */
  follow(
    declared: Declared,
    wanted: {
      readonly limits: EngineLimits
      readonly includes: IncludeSettings
      readonly artifacts: ArtifactRules
    },
  ): void
  /** Where jobs are told that Sluice answers, from now on; without trailing slash. */
  answersAt(url: string): void
  /** Where a user's configurations take includes from; absent: each from the cache in its project's folder. */
  readonly includes?: ReturnType<typeof includesFrom>
  /** The same address, and the GitLab release whose behaviour is meant. */
  server(): { readonly url: string; readonly version: string }
  /** Takes away the pins of pipelines of a project that are gone. */
  unpin(pipelineIds: readonly number[], projectId: number): Promise<void>
  /** Removes old pipelines with their files and pins. */
  prune(limits: PruneLimits): Promise<void>
  /** Ends the runner's jobs with grace, then everything else; the rows are true when it resolves. */
  close(): Promise<void>
}

export type AppProblem =
  | { readonly kind: 'state_in_use'; readonly pid: number }
  /** `message` is a sentence: the disk is full, the database is newer, the folder cannot be written. */
  | { readonly kind: 'state_unusable'; readonly message: string }

/** GitLab's default for a project: one hour. */
const JOB_TIMEOUT_SECONDS = 3600
/** Between TERM and KILL when a job is ended early. */
const GRACE_MS = 10_000

/** Writes down who works on the state folder, and takes over from processes that died. Nothing runs before `startRunner`. */
export function createApp(options: AppOptions): Result<App, AppProblem> {
  const { store, clock, version, kind } = options
  const registered = attempt(store.stateDir, () => register(store, { ...options, now: clock.now() }))
  if (!registered.ok || !registered.value.ok) store.close()
  if (!registered.ok) return registered
  if (!registered.value.ok) return err({ kind: 'state_in_use', pid: registered.value.error.pid })
  const processId = registered.value.value

  const mirrors = makeMirrors()
  const projects = makeDirectory(store, mirrors)
  projects.serve(options.projects)
  const limits: EngineLimits = { ...(options.limits ?? DEFAULT_LIMITS) }
  const artifacts: ArtifactRules = { ...(options.artifacts ?? DEFAULT_ARTIFACT_RULES) }
  let serverUrl = options.serverUrl
  const server = (): { url: string; version: string } => ({ url: serverUrl, version: GITLAB_VERSION })
  const includeSettings = options.includes && { ...options.includes }
  const includes = includeSettings ? { includes: includesFrom(includeSettings, projects, store) } : {}
  const engine = createEngine({
    store,
    clock,
    processId,
    projects: { ...projects, find: projects.known },
    mirrors,
    server,
    limits,
    artifacts,
    ...compilerOf(options),
    jobTimeout: JOB_TIMEOUT_SECONDS,
    ...includes,
    notice: (text) => options.notice(text),
  })
  let runner: Runner | undefined
  engine.events.on((event) => {
    if (event.type === 'job' && event.to === 'pending') runner?.wake()
  })
  engine.recover(kind)

  return ok({
    store,
    engine,
    projects,
    processId,
    ...includes,
    server,
    startRunner(settings) {
      runner = startRunner({
        coordinator: engine.coordinator,
        identity: { name: 'local', tags: [], runUntagged: true },
        executor: settings.executor,
        ...(settings.executors && { executors: settings.executors }),
        concurrency: settings.concurrency,
        buildsDir: settings.buildsDir,
        scratchDir: settings.scratchDir,
        caches: settings.caches,
        pathOf: (project) => projects.named(project)?.path,
        clock,
        logLimit: settings.logLimit,
        graceMs: GRACE_MS,
        version,
        hide: () => [store.stateDir, ...settings.hide, ...projects.paths()],
        notice: (text) => options.notice(text),
      })
      runner.wake()
      return runner
    },
    follow(declared, wanted) {
      registerAgain(store, { ...declared, localUser: options.localUser, now: clock.now() })
      projects.serve(declared.projects)
      Object.assign(limits, wanted.limits)
      Object.assign(artifacts, wanted.artifacts)
      if (includeSettings) Object.assign(includeSettings, wanted.includes)
    },
    answersAt(url) {
      serverUrl = url
    },
    unpin: (pipelineIds, projectId) => mirrors.unpin(pipelineIds, clock.now(), projectId),
    async prune(bounds) {
      await mirrors.unpin(engine.prune(bounds), clock.now())
    },
    async close() {
      await runner?.stop()
      engine.stop()
      mirrors.close()
      if (!leavesWork(store, processId, kind)) store.processes.end(processId, clock.now())
      store.close()
    },
  })
}

function compilerOf({ compiler, keptPlans }: AppOptions): { readonly compiler?: PipelineCompiler } {
  if (compiler) return { compiler }
  return keptPlans ? { compiler: keptCompiler(keptPlans.store, keptPlans.build) } : {}
}

/** Opens a state folder, making it. `run` may lose the newest rows to a power cut, a daemon not. */
export function openState(stateDir: string, kind: AppOptions['kind']): Result<Store, AppProblem> {
  return attempt(stateDir, () => {
    ensurePrivateDir(stateDir)
    return openStore(stateDir, { powerSafe: kind === 'serve' })
  })
}

/** Opens a state folder to read what it keeps; undefined when there is none yet. */
export function openArchive(stateDir: string): Result<Store, AppProblem> | undefined {
  return existsSync(join(stateDir, 'sluice.db')) ? openState(stateDir, 'run') : undefined
}

function attempt<T>(stateDir: string, work: () => T): Result<T, AppProblem> {
  try {
    return ok(work())
  } catch (error) {
    const message = problemOf(error, stateDir)
    if (message === undefined) throw error
    return err({ kind: 'state_unusable', message })
  }
}

/**
 * Whether whoever comes next has something to take over: its row stays open then. Nobody but a person goes on with the manual
 * jobs of a `run`, and in a new pipeline.
 */
function leavesWork(store: Store, processId: number, kind: AppOptions['kind']): boolean {
  return store.pipelines
    .unfinishedOf(processId)
    .some((id) => kind === 'serve' || store.pipelines.find(id)?.status !== 'manual')
}

/** The machine's failures, as sentences; undefined for what is a bug of ours. */
function problemOf(error: unknown, stateDir: string): string | undefined {
  if (error instanceof StoreVersionError || error instanceof StoreDamagedError) return error.message
  if (isDiskFull(error)) return `no room left on the disk of ${stateDir}`
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^(E[A-Z]+|SQLITE_(CANTOPEN|READONLY|CORRUPT|NOTADB|BUSY|IOERR|PERM|AUTH).*)$/.test(error.code)
    ? `the state folder ${stateDir} cannot be used: ${error.message}`
    : undefined
}
