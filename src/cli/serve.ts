import { dirname, join } from 'node:path'
import { createApp, openState, type App } from '../app.ts'
import { ensureAccessToken, type AccessTokenFile } from '../app/access-token.ts'
import { serveHttp, urlOf, type Served } from '../app/serve-http.ts'
import { projectOpener } from '../app/served-projects.ts'
import { nextSchedule } from '../app/sources.ts'
import { threadCompiler } from '../compile/thread-compiler.ts'
import { systemClock } from '../platform/clock.ts'
import { removeDaemonNote } from '../platform/daemon-note.ts'
import { serviceNotice } from '../platform/service-notice.ts'
import { readIdentity } from '../platform/identity.ts'
import type { ExecutorChoice, ListenAddress, Settings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { appFailure } from './app-failure.ts'
import { chooseColors, type ColorChoice } from './colors.ts'
import type { CommandContext } from './context.ts'
import { isFullDisk } from './crash.ts'
import { EXIT } from './exit-code.ts'
import { exposureWarning, isLoopback } from './exposure.ts'
import { failure, renderFailure, type Failure } from './failure.ts'
import { listenFailure } from './listen-failure.ts'
import { loadSettings } from './load-settings.ts'
import { startBackground, type Prepared } from './serve-background.ts'
import { startingWith, tellLeftOut } from './serve-configuration.ts'
import { serveExecutors, type ServeExecutors } from './serve-executors.ts'
import { serveLog, type ServeLog } from './serve-log.ts'
import { readyText } from './serve-ready.ts'
import { takeSignals } from './serve-signals.ts'
import { foldersOf } from './state-folder.ts'
import { triggerAdvice } from './trigger-advice.ts'

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
  { path, settings }: { readonly path: string; readonly settings: Settings },
  flags: ServeFlags,
  context: CommandContext,
): Promise<Result<true, Failure>> {
  const address = flags.listen ?? settings.listen
  const folders = foldersOf(path, flags.state ?? settings.state ?? undefined, context.env)
  const executors = await serveExecutors(settings, flags.executor, address, folders.scratchDir)
  if (!executors.ok) return executors
  const store = openState(folders.stateDir, 'serve')
  if (!store.ok) return err(appFailure(store.error, folders.stateDir))
  const opener = projectOpener(folders.stateDir)
  const [opened, localUser] = await Promise.all([opener.open(settings), readIdentity('/')])
  const isKnown = (id: number): boolean => store.value.projects.find(id) !== undefined
  const leftOut = startingWith(settings, opened, isKnown)
  if (!leftOut.ok) {
    store.value.close()
    return leftOut
  }
  const logged = openLog(settings.log, flags, context)
  if (!logged.ok) {
    store.value.close()
    return logged
  }
  const log = logged.value
  tellLeftOut(path, leftOut.value, log, context)
  // What was being written fails, and is reported where it was asked for; the daemon lives.
  context.outlive((error) => {
    if (isFullDisk(error)) log.warn(`no room left on the disk: ${String(error)}`)
    return isFullDisk(error)
  })
  const compiler = threadCompiler({
    entry: join(dirname(context.entry), 'compile-thread.js'),
    thread: { time: settings.language.compileSeconds * 1000, memory: settings.language.compileMemory },
    language: settings.language,
  })
  const app = createApp({
    kind: 'serve',
    store: store.value,
    projects: opened.projects,
    includes: settings.includes,
    compiler,
    limits: settings.limits,
    artifacts: settings.artifacts,
    users: settings.users,
    declaredIn: path,
    localUser,
    clock: systemClock,
    version: context.version,
    serverUrl: settings.externalUrl ?? urlOf(address.host, address.port),
    notice: log.warn,
  })
  if (!app.ok) {
    await log.end()
    return err(appFailure(app.error, folders.stateDir))
  }
  try {
    return await answer(app.value, {
      path,
      settings,
      executor: flags.executor,
      address,
      folders,
      executors: executors.value,
      opener,
      opened,
      compiler,
      log,
      context,
    })
  } finally {
    await app.value.close()
    await compiler.close()
    await log.end()
  }
}

/** Answers, runs jobs, follows repositories and the configuration until a signal comes. */
async function answer(app: App, prepared: Prepared): Promise<Result<true, Failure>> {
  const { settings, address, folders, executors, compiler, log, context } = prepared
  const signals = takeSignals(app)
  const manager = serviceNotice(context.env, systemClock)
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
  for (const notice of executors.notices) log.warn(notice)
  if (!isLoopback(address.host)) log.warn(exposureWarning(address.host))
  for (const advice of triggerAdvice(app, settings, isLoopback(address.host))) log.warn(advice)
  const background = await startBackground(app, served.value, prepared)
  announce({ app, served: served.value, token, settings, executors, context, log })
  const ready = (): void =>
    manager.ready(`serves ${app.projects.all().length} projects at ${served.value.url}`)
  ready()
  signals.onReload(async () => {
    try {
      log.reopen()
      manager.reloading()
      await background.reload()
      ready()
    } catch (error) {
      log.warn(`reloading: ${String(error)}`)
    }
  })
  await signals.ended
  // Nobody waits for it: what speaks is a process of its own.
  void manager.stopping()
  await background.stop()
  removeDaemonNote(folders.stateDir, context.env)
  served.value.stop()
  return ok(true)
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
