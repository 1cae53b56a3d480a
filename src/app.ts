import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeMirrors, type Mirrors } from './app/mirrors.ts'
import { register } from './app/registration.ts'
import type { ServedProject } from './app/served-project.ts'
import type { LogRecord } from './http/options.ts'
import type { ProjectDirectory } from './http/project-directory.ts'
import type { Project } from './model/project.ts'
import { createEngine } from './pipeline/create-engine.ts'
import type { Engine } from './pipeline/engine.ts'
import type { PruneLimits } from './pipeline/prune.ts'
import type { Clock } from './platform/clock.ts'
import { chooseExecutor, type ChosenExecutor } from './runner/executors/choose.ts'
import type { Executor } from './runner/executors/executor.ts'
import { startRunner, type Runner } from './runner/runner.ts'
import { err, ok, type Result } from './shared/result.ts'
import { isDiskFull } from './store/database.ts'
import { StoreVersionError } from './store/migrations.ts'
import { openStore, type Store } from './store/store.ts'

export interface AppOptions {
  readonly kind: 'run' | 'serve'
  readonly stateDir: string
  readonly projects: readonly ServedProject[]
  readonly users: readonly { readonly username: string; readonly name: string; readonly email: string }[]
  /** The person at this machine. */
  readonly localUser: { readonly name: string; readonly email: string }
  readonly clock: Clock
  readonly version: string
  /** Where jobs are told that Sluice answers, until `serveHttp` knows better; without trailing slash. */
  readonly serverUrl: string
  /** Something that a person running this should know. */
  notice(text: string): void
}

export interface RunnerSettings {
  readonly executor: Executor
  readonly concurrency: number
  /** Workspaces; below no user's repository. */
  readonly buildsDir: string
  /** Private folders of running jobs, on the disk of the workspaces. */
  readonly scratchDir: string
  /** Bytes; a job's log is cut there. */
  readonly logLimit: number
  /** Paths that no job may see, beyond the state folder and the projects' own repositories. */
  readonly hide: readonly string[]
}

export type { ChosenExecutor }

/** All parts joined around one state folder. */
export interface App {
  readonly store: Store
  readonly engine: Engine
  readonly projects: ProjectDirectory
  /** The row of this process. */
  readonly processId: number
  /** Begins to take jobs: those of recovered pipelines first. Call once. */
  startRunner(settings: RunnerSettings): Runner
  /** Answers HTTP; express is loaded now. The error is that of `listen`. */
  serveHttp(options: ServeOptions): Promise<Result<Served, NodeJS.ErrnoException>>
  /** Removes old pipelines with their files and pins. */
  prune(limits: PruneLimits): Promise<void>
  /** Ends the runner's jobs with grace, then everything else; the rows are true when it resolves. */
  close(): Promise<void>
}

export interface ServeOptions {
  readonly host: string
  readonly port: number
  /** Without trailing slash; null: the address that was really bound. */
  readonly externalUrl: string | null
  readonly log: (record: LogRecord) => void
}

export interface Served {
  /** The address that was bound, as a URL without trailing slash. */
  readonly url: string
  /** A fresh link that logs a browser in, once. */
  readonly loginLink: () => string
  /** Refuses new connections; resolves when the last one is closed. */
  readonly stop: () => Promise<void>
}

export type AppProblem =
  | { readonly kind: 'state_in_use'; readonly pid: number }
  /** `message` is a sentence: the disk is full, the database is newer, the folder cannot be written. */
  | { readonly kind: 'state_unusable'; readonly message: string }

/** The release whose behaviour and API are meant: `CI_SERVER_VERSION`, `GET /version`. */
const GITLAB_VERSION = '18.5.0'
/** GitLab's default for a project: one hour. */
const JOB_TIMEOUT_SECONDS = 3600
/** Between TERM and KILL when a job is ended early. */
const GRACE_MS = 10_000

/** Opens the state folder, writes down who works on it, and takes over from processes that died. Nothing runs before `startRunner`. */
export function createApp(options: AppOptions): Result<App, AppProblem> {
  const opened = openState(options)
  if (!opened.ok) return opened
  const { store, processId } = opened.value
  const { clock, version, kind } = options

  const mirrors = makeMirrors(options.projects)
  const projects = projectDirectory(options.projects, store, mirrors)
  let serverUrl = options.serverUrl
  const engine = createEngine({
    store,
    clock,
    processId,
    projects: { find: (id) => projects.find(String(id)), repository: projects.repository },
    mirrors,
    server: () => ({ url: serverUrl, version: GITLAB_VERSION }),
    jobTimeout: JOB_TIMEOUT_SECONDS,
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
    startRunner(settings) {
      runner = startRunner({
        coordinator: engine.coordinator,
        identity: { name: 'local', tags: [], runUntagged: true },
        executor: settings.executor,
        concurrency: settings.concurrency,
        buildsDir: settings.buildsDir,
        scratchDir: settings.scratchDir,
        clock,
        logLimit: settings.logLimit,
        graceMs: GRACE_MS,
        version,
        hide: [store.stateDir, ...settings.hide, ...options.projects.map(({ project }) => project.path)],
        notice: (text) => options.notice(text),
      })
      runner.wake()
      return runner
    },
    async serveHttp({ host, port, externalUrl, log }) {
      const { createHttpApp, listen } = await import('./http/server.ts')
      const hosts = externalUrl === null ? [] : [new URL(externalUrl).hostname]
      const { app, loginLink } = createHttpApp({ store, engine, projects, clock, externalUrl: () => serverUrl, version: GITLAB_VERSION, log, hosts })
      const listening = await listen(app, { host, port })
      if (!listening.ok) return listening
      const { server } = listening.value
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${listening.value.port}`
      serverUrl = externalUrl ?? url
      return ok({
        url,
        loginLink,
        stop: () =>
          new Promise((resolve) => {
            server.close(() => resolve())
            server.closeIdleConnections()
          }),
      })
    },
    async prune(limits) {
      await mirrors.unpin(engine.prune(limits))
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

/** Tries what `choice` asks for; the error says why it cannot be had, with the command that helps. */
export async function findExecutor(choice: 'auto' | 'bubblewrap' | 'shell', scratchDir: string): Promise<Result<ChosenExecutor, string>> {
  try {
    mkdirSync(scratchDir, { recursive: true, mode: 0o700 })
    return await chooseExecutor(choice, { scratchDir })
  } catch (error) {
    return err(`${scratchDir} cannot be used: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Opens a state folder to read what it keeps; undefined when there is none yet. */
export function openArchive(stateDir: string): Result<Store, AppProblem> | undefined {
  if (!existsSync(join(stateDir, 'sluice.db'))) return undefined
  try {
    return ok(openStore(stateDir, { powerSafe: false }))
  } catch (error) {
    const message = problemOf(error, stateDir)
    if (message === undefined) throw error
    return err({ kind: 'state_unusable', message })
  }
}

function openState(options: AppOptions): Result<{ readonly store: Store; readonly processId: number }, AppProblem> {
  let store: Store | undefined
  try {
    store = openStore(options.stateDir, { powerSafe: options.kind === 'serve' })
    const registered = register(store, { ...options, now: options.clock.now() })
    if (registered.ok) return ok({ store, processId: registered.value })
    store.close()
    return err({ kind: 'state_in_use', pid: registered.error.pid })
  } catch (error) {
    store?.close()
    const message = problemOf(error, options.stateDir)
    if (message === undefined) throw error
    return err({ kind: 'state_unusable', message })
  }
}

/**
 * Whether whoever comes next has something to take over: its row stays open then. Nobody but a person goes on with the manual
 * jobs of a `run`, and in a new pipeline.
 */
function leavesWork(store: Store, processId: number, kind: AppOptions['kind']): boolean {
  return store.pipelines.unfinishedOf(processId).some((id) => kind === 'serve' || store.pipelines.find(id)?.status !== 'manual')
}

/** The machine's failures, as sentences; undefined for what is a bug of ours. */
function problemOf(error: unknown, stateDir: string): string | undefined {
  if (error instanceof StoreVersionError) return error.message
  if (isDiskFull(error)) return `no room left on the disk of ${stateDir}`
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^(E[A-Z]+|SQLITE_(CANTOPEN|READONLY|CORRUPT|NOTADB|BUSY|IOERR|PERM|AUTH).*)$/.test(error.code)
    ? `the state folder ${stateDir} cannot be used: ${error.message}`
    : undefined
}

function projectDirectory(served: readonly ServedProject[], store: Store, mirrors: Mirrors): ProjectDirectory {
  const projects = served.map(({ project }): Project => ({ ...project, createdAt: store.projects.find(project.id)?.createdAt ?? 0 }))
  const byId = new Map(projects.map((project) => [project.id, project]))
  const byName = new Map(projects.map((project) => [project.name, project]))
  const refreshOf = new Map(served.map(({ project, refresh }) => [project.id, refresh]))
  return {
    // GitLab: all digits is a number, anything with a slash a full path.
    find: (ref) => (/^\d+$/.test(ref) ? byId.get(Number(ref)) : byName.get(ref)),
    all: () => projects,
    repository: (project) => mirrors.repository(project),
    refresh: async (project) => refreshOf.get(project.id)?.(),
  }
}
