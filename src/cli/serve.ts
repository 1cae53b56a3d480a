import { createApp, openState, type App } from '../app.ts'
import { ensureAccessToken, type AccessTokenFile } from '../app/access-token.ts'
import { findExecutor, type ChosenExecutor } from '../app/executor.ts'
import { serveHttp, type Served } from '../app/serve-http.ts'
import { openProjects } from '../app/served-projects.ts'
import { systemClock } from '../platform/clock.ts'
import { readIdentity } from '../platform/identity.ts'
import { portOwner } from '../platform/port-owner.ts'
import type { ListenAddress, Settings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { appFailure } from './app-failure.ts'
import { chooseColors, type ColorChoice } from './colors.ts'
import type { CommandContext } from './context.ts'
import { isFullDisk } from './crash.ts'
import { EXIT } from './exit-code.ts'
import { exposureWarning, isLoopback, unprotectedExposure } from './exposure.ts'
import { failure, renderFailure, usageFailure, type Failure } from './failure.ts'
import { killJobs } from './kill-jobs.ts'
import { loadSettings } from './load-settings.ts'
import { serveLog, type ServeLog } from './serve-log.ts'
import { readyText } from './serve-ready.ts'
import { foldersOf } from './state-folder.ts'

export interface ServeFlags {
  readonly config: string
  readonly listen?: ListenAddress
  readonly state?: string
  readonly executor?: Settings['executor']
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
  const executor = await executorFor(flags.executor ?? settings.executor, address, folders.scratchDir)
  if (!executor.ok) return executor
  const store = openState(folders.stateDir, 'serve')
  if (!store.ok) return err(appFailure(store.error, folders.stateDir))
  const [projects, localUser] = await Promise.all([
    openProjects(settings, folders.stateDir),
    readIdentity('/'),
  ])
  if (!projects.ok) return err(usageFailure('project.unusable', projects.error))
  const log = serveLog(context, chooseColors(flags.color, context.env, context.stdoutIsTerminal))
  // What was being written fails, and is reported where it was asked for; the daemon lives.
  context.outlive((error) => {
    if (isFullDisk(error)) log.warn(`no room left on the disk: ${String(error)}`)
    return isFullDisk(error)
  })
  const opened = createApp({
    kind: 'serve',
    store: store.value,
    projects: projects.value,
    includes: settings.includes,
    users: settings.users,
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
      clock: systemClock,
      log: log.record,
    })
    if (!served.ok) return err(listenFailure(served.error, address))
    if (executor.value.notice !== null) log.warn(executor.value.notice)
    if (!isLoopback(address.host)) log.warn(exposureWarning(address.host))
    app.startRunner({
      executor: executor.value.executor,
      concurrency: settings.concurrency,
      buildsDir: settings.buildsDir ?? folders.buildsDir,
      scratchDir: folders.scratchDir,
      logLimit: settings.logLimit,
      // Trigger tokens stand in it.
      hide: [loaded.path],
    })
    announce({ app, served: served.value, token, settings, executor: executor.value, context, log })
    await firstSignal(app)
    served.value.stop()
    return ok(true)
  } finally {
    await app.close()
    log.flush()
  }
}

async function executorFor(
  choice: Settings['executor'],
  { host }: ListenAddress,
  scratchDir: string,
): Promise<Result<ChosenExecutor, Failure>> {
  const found = await findExecutor(choice, scratchDir)
  if (!found.ok) return err(failure(EXIT.machine, 'executor.unavailable', found.error))
  const { executor, notice } = found.value
  const problem = unprotectedExposure({ host, choice, executor: executor.name, notice })
  return problem ? err(problem) : ok(found.value)
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
  readonly executor: ChosenExecutor
  readonly context: CommandContext
  readonly log: ServeLog
}

function announce({ app, served, token, settings, executor, context, log }: Announcement): void {
  log.follow(app)
  context.out(
    readyText({
      version: context.version,
      seconds: context.elapsed(),
      url: served.url,
      externalUrl: settings.externalUrl,
      loginLink: served.loginLink(),
      projects: app.projects.all(),
      runners: `${executor.executor.name} ×${settings.concurrency}`,
      token,
    }),
  )
}

/** Resolves at the first signal; a second one kills the jobs that still have their grace. */
function firstSignal(app: App): Promise<void> {
  return new Promise((resolve) => {
    let signaled = false
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (signaled) killJobs(app)
        signaled = true
        resolve()
      })
    }
  })
}
