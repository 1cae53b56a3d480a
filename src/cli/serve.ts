import { dirname, join } from 'node:path'
import { createApp, openState, type App } from '../app.ts'
import { followSettings } from '../app/follow-settings.ts'
import { ensureAccessToken, type AccessTokenFile } from '../app/access-token.ts'
import { serveHttp, type Served } from '../app/serve-http.ts'
import { projectOpener } from '../app/served-projects.ts'
import { retentionOf } from '../app/retention-rules.ts'
import { makeSources, nextSchedule } from '../app/sources.ts'
import { startUpkeep } from '../app/upkeep.ts'
import { threadCompiler } from '../compile/thread-compiler.ts'
import { systemClock } from '../platform/clock.ts'
import { removeDaemonNote, writeDaemonNote } from '../platform/daemon-note.ts'
import { serviceNotice } from '../platform/service-notice.ts'
import { readIdentity } from '../platform/identity.ts'
import { portOwner } from '../platform/port-owner.ts'
import type { ExecutorChoice, ListenAddress, Settings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { appFailure } from './app-failure.ts'
import { chooseColors, type ColorChoice } from './colors.ts'
import type { CommandContext } from './context.ts'
import { isFullDisk } from './crash.ts'
import { EXIT } from './exit-code.ts'
import { exposureWarning, isLoopback } from './exposure.ts'
import { failure, renderFailure, usageFailure, type Failure } from './failure.ts'
import { killJobs } from './kill-jobs.ts'
import { loadSettings } from './load-settings.ts'
import { executorsByProject, serveExecutors, type ServeExecutors } from './serve-executors.ts'
import { triggerAdvice } from './trigger-advice.ts'
import { serveLog, type ServeLog } from './serve-log.ts'
import { readyText } from './serve-ready.ts'
import { foldersOf } from './state-folder.ts'

export interface ServeFlags {
  readonly config: string
  readonly listen?: ListenAddress
  readonly state?: string
  readonly executor?: ExecutorChoice
  readonly color: ColorChoice
}

/** `sluice serve`: answers until a signal comes. Resolves with the exit code, 0 after SIGTERM or SIGINT. */
export async function serveCommand(flags: ServeFlags, context: CommandContext): Promise<number> {
  const loaded = loadSettings(flags.config, context.env)
  const outcome = loaded.ok ? await serve(loaded.value, flags, context) : loaded
  if (outcome.ok) return EXIT.success
  context.err(renderFailure(outcome.error))
  return outcome.error.exitCode
}

async function serve(
  loaded: { readonly path: string; readonly settings: Settings },
  flags: ServeFlags,
  context: CommandContext,
): Promise<Result<true, Failure>> {
  const { settings } = loaded
  const address = flags.listen ?? settings.listen
  const folders = foldersOf(loaded.path, flags.state ?? settings.state ?? undefined, context.env)
  const executors = await serveExecutors(settings, flags.executor, address, folders.scratchDir)
  if (!executors.ok) return executors
  const store = openState(folders.stateDir, 'serve')
  if (!store.ok) return err(appFailure(store.error, folders.stateDir))
  const opener = projectOpener(folders.stateDir)
  const [projects, localUser] = await Promise.all([opener.open(settings), readIdentity('/')])
  if (!projects.ok) return err(usageFailure('project.unusable', projects.error))
  const logged = openLog(settings.log, flags, context)
  if (!logged.ok) return logged
  const log = logged.value
  // What was being written fails, and is reported where it was asked for; the daemon lives.
  context.outlive((error) => {
    if (isFullDisk(error)) log.warn(`no room left on the disk: ${String(error)}`)
    return isFullDisk(error)
  })
  const manager = serviceNotice(context.env, systemClock)
  const compiler = threadCompiler({
    entry: join(dirname(context.entry), 'compile-thread.js'),
    thread: { time: settings.language.compileSeconds * 1000, memory: settings.language.compileMemory },
    language: settings.language,
  })
  const opened = createApp({
    kind: 'serve',
    store: store.value,
    projects: projects.value,
    includes: settings.includes,
    compiler,
    limits: settings.limits,
    artifacts: settings.artifacts,
    users: settings.users,
    declaredIn: loaded.path,
    localUser,
    clock: systemClock,
    version: context.version,
    serverUrl: settings.externalUrl ?? urlOf(address),
    notice: log.warn,
  })
  if (!opened.ok) return err(appFailure(opened.error, folders.stateDir))
  const app = opened.value
  try {
    const token = await ensureAccessToken(app.store, systemClock.now())
    const served = await serveHttp(app, {
      ...address,
      externalUrl: settings.externalUrl,
      compiler,
      limits: settings.limits,
      clock: systemClock,
      log: log.record,
    })
    if (!served.ok) return err(listenFailure(served.error, address))
    for (const notice of executors.value.notices) log.warn(notice)
    if (!isLoopback(address.host)) log.warn(exposureWarning(address.host))
    for (const advice of triggerAdvice(app, settings, isLoopback(address.host))) log.warn(advice)
    const projectExecutors = new Map(executors.value.byProject)
    app.startRunner({
      executor: executors.value.own.executor,
      executors: projectExecutors,
      concurrency: settings.concurrency,
      buildsDir: settings.buildsDir ?? folders.buildsDir,
      scratchDir: folders.scratchDir,
      caches: { dir: settings.cache.dir ?? folders.cacheDir, limit: settings.cache.maxSize },
      logLimit: settings.logLimit,
      // Trigger tokens stand in it.
      hide: [loaded.path],
    })
    const sources = makeSources(app, { clock: systemClock, notice: log.warn })
    await sources.follow(settings)
    const cacheDir = settings.cache.dir ?? folders.cacheDir
    const upkeep = startUpkeep({ app, clock: systemClock, cacheDir, notice: log.warn }, retentionOf(settings))
    writeDaemonNote(
      {
        url: served.value.url,
        stateDir: folders.stateDir,
        config: loaded.path,
        projects: settings.projects.map(({ id, name, path }) => ({ id, name, path })),
      },
      context.env,
    )
    announce({ app, served: served.value, token, settings, executors: executors.value, context, log })
    const following = followSettings({
      app,
      file: loaded.path,
      settings,
      env: context.env,
      clock: systemClock,
      opener,
      sources,
      upkeep,
      served: served.value,
      executors: projectExecutors,
      executorsOf: (wanted) => executorsByProject(wanted, flags.executor, address, folders.scratchDir),
      refused(problem) {
        context.err(renderFailure({ problems: problem.diagnostics, sources: problem.sources }))
        log.warn(`${loaded.path} is not valid; the configuration stays as it was`)
      },
      notice: log.warn,
      taken: log.tell,
    })
    manager.ready(`serves ${settings.projects.length} projects at ${served.value.url}`)
    await firstSignal(app, async () => {
      log.reopen()
      manager.reloading()
      await following.reload()
      manager.ready(`serves ${app.projects.all().length} projects at ${served.value.url}`)
    })
    // Nobody waits for it: what speaks is a process of its own.
    void manager.stopping()
    await following.stop()
    await sources.stop()
    await upkeep.stop()
    removeDaemonNote(folders.stateDir, context.env)
    served.value.stop()
    return ok(true)
  } finally {
    await app.close()
    await compiler.close()
    log.flush()
  }
}

function openLog(
  file: string | null,
  flags: Pick<ServeFlags, 'color'>,
  context: CommandContext,
): Result<ServeLog, Failure> {
  try {
    return ok(serveLog(context, chooseColors(flags.color, context.env, context.stdoutIsTerminal), file))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return err(
      failure(EXIT.machine, 'log.unwritable', `the log cannot be written: ${why}`, 'log: FILE names another'),
    )
  }
}

function listenFailure(error: NodeJS.ErrnoException, { host, port }: ListenAddress): Failure {
  if (error.code !== 'EADDRINUSE')
    return failure(EXIT.machine, 'listen.failed', `cannot listen on ${host}:${port}: ${error.message}`)
  const owner = portOwner(host, port)
  const by = owner
    ? `by process ${owner.pid} (${owner.command})`
    : 'by a process that cannot be seen from here'
  return failure(
    EXIT.machine,
    'listen.in_use',
    `${host}:${port} is taken ${by}`,
    'choose another port with --listen HOST:PORT; port 0 picks a free one',
  )
}

function urlOf({ host, port }: ListenAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

interface Announcement {
  readonly app: App
  readonly served: Served
  readonly token: AccessTokenFile
  readonly settings: Settings
  readonly executors: ServeExecutors
  readonly context: CommandContext
  readonly log: ServeLog
}

function announce({ app, served, token, settings, executors, context, log }: Announcement): void {
  log.follow(app)
  context.out(
    readyText({
      version: context.version,
      seconds: context.elapsed(),
      url: served.url,
      externalUrl: settings.externalUrl,
      loginLink: served.loginLink(),
      projects: app.projects.all(),
      schedules: nextSchedule(app),
      now: systemClock.now(),
      runners: `${executors.own.executor.name} ×${settings.concurrency}`,
      token,
    }),
  )
}

/** Resolves at the first signal that ends; a second one kills the jobs that still have their grace. SIGHUP opens the log and reads the configuration anew. */
function firstSignal(app: App, reload: () => Promise<void>): Promise<void> {
  process.on('SIGHUP', () => void reload())
  return new Promise((resolve) => {
    let signaled = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (signaled) killJobs(app)
        signaled = true
        resolve()
      })
    }
  })
}
