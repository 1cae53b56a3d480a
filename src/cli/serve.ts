import { dirname, join } from 'node:path'
import { createApp, openState, type App } from '../app.ts'
import { followSettings, withoutRefs } from '../app/follow-settings.ts'
import { ensureAccessToken, type AccessTokenFile } from '../app/access-token.ts'
import type { Look } from '../app/live-settings.ts'
import { serveHttp, type Served } from '../app/serve-http.ts'
import { projectOpener, type OpenedProjects, type ProjectOpener } from '../app/served-projects.ts'
import { retentionOf } from '../app/retention-rules.ts'
import { startScheduledBackups } from '../app/scheduled-backups.ts'
import { makeSources, nextSchedule } from '../app/sources.ts'
import { startUpkeep } from '../app/upkeep.ts'
import { threadCompiler } from '../compile/thread-compiler.ts'
import { systemClock } from '../platform/clock.ts'
import { removeDaemonNote, writeDaemonNote, type NotedLook } from '../platform/daemon-note.ts'
import { serviceNotice } from '../platform/service-notice.ts'
import { readIdentity } from '../platform/identity.ts'
import { portOwner } from '../platform/port-owner.ts'
import type { ExecutorChoice, ListenAddress, Settings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { appFailure } from './app-failure.ts'
import { backUpInProcess } from './backup-process.ts'
import { chooseColors, type ColorChoice } from './colors.ts'
import type { CommandContext } from './context.ts'
import { isFullDisk } from './crash.ts'
import { EXIT } from './exit-code.ts'
import { exposureWarning, isLoopback } from './exposure.ts'
import { failure, renderFailure, type Failure } from './failure.ts'
import { killJobs } from './kill-jobs.ts'
import { loadSettings } from './load-settings.ts'
import { executorsByProject, serveExecutors, type ServeExecutors } from './serve-executors.ts'
import { triggerAdvice } from './trigger-advice.ts'
import { lookText, startingWith, tellLeftOut } from './serve-configuration.ts'
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

/** What stands once the configuration, the state folder and the log are open. */
interface Prepared {
  readonly path: string
  readonly settings: Settings
  readonly flags: ServeFlags
  readonly address: ListenAddress
  readonly folders: ReturnType<typeof foldersOf>
  readonly executors: ServeExecutors
  readonly opener: ProjectOpener
  readonly opened: OpenedProjects
  readonly compiler: ReturnType<typeof threadCompiler>
  readonly log: ServeLog
  readonly context: CommandContext
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
  if (!logged.ok) return logged
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
    serverUrl: settings.externalUrl ?? urlOf(address),
    notice: log.warn,
  })
  if (!app.ok) return err(appFailure(app.error, folders.stateDir))
  try {
    return await answer(app.value, {
      path,
      settings,
      flags,
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
  const projectExecutors = new Map(executors.byProject)
  const cacheDir = settings.cache.dir ?? folders.cacheDir
  app.startRunner({
    executor: executors.own.executor,
    executors: projectExecutors,
    concurrency: settings.concurrency,
    buildsDir: settings.buildsDir ?? folders.buildsDir,
    scratchDir: folders.scratchDir,
    caches: { dir: cacheDir, limit: settings.cache.maxSize },
    logLimit: settings.logLimit,
    // Trigger tokens stand in it.
    hide: [prepared.path],
  })
  const sources = makeSources(app, { clock: systemClock, notice: log.warn })
  await sources.follow(withoutRefs(settings, prepared.opened))
  const upkeep = startUpkeep(
    { app, clock: systemClock, cacheDir, notice: log.warn, tell: log.tell },
    retentionOf(settings),
  )
  const backups = startScheduledBackups(
    {
      stateDir: folders.stateDir,
      clock: systemClock,
      make: (wanted, signal) => backUpInProcess(wanted, context, signal),
      notice: log.warn,
      tell: log.tell,
    },
    settings.backup,
  )
  const looked = daemonNote(app, served.value.url, prepared)
  announce({ app, served: served.value, token, settings, executors, context, log })
  const following = followSettings({
    app,
    file: prepared.path,
    settings,
    env: context.env,
    clock: systemClock,
    opener: prepared.opener,
    sources,
    upkeep,
    backups,
    served: served.value,
    executors: projectExecutors,
    executorsOf: (wanted) => executorsByProject(wanted, prepared.flags.executor, address, folders.scratchDir),
    closed: prepared.opened.closed,
    looked,
    back(projects) {
      for (const { name, path } of projects) log.tell(`${name} is served again: ${path} can be opened`)
    },
  })
  const ready = (): void =>
    manager.ready(`serves ${app.projects.all().length} projects at ${served.value.url}`)
  ready()
  signals.onReload(async () => {
    log.reopen()
    manager.reloading()
    await following.reload()
    ready()
  })
  await signals.ended
  // Nobody waits for it: what speaks is a process of its own.
  void manager.stopping()
  await following.stop()
  await sources.stop()
  await Promise.all([upkeep.stop(), backups.stop()])
  removeDaemonNote(folders.stateDir, context.env)
  served.value.stop()
  return ok(true)
}

/** Writes where commands look that the daemon runs, and what each look at its configuration comes to. */
function daemonNote(app: App, url: string, { path, folders, log, context }: Prepared): (look: Look) => void {
  let looks = 0
  const write = (configuration: Omit<NotedLook, 'looks'>): void => {
    const projects = app.projects.all().map(({ id, name, path: folder }) => ({ id, name, path: folder }))
    const { stateDir } = folders
    writeDaemonNote(
      { url, stateDir, config: path, projects, configuration: { looks, ...configuration } },
      context.env,
    )
  }
  write({ isTaken: true, text: '' })
  return (look) => {
    const { level, line, frames } = lookText(path, look)
    context.err(frames)
    log[level](line)
    looks += 1
    write({ isTaken: look.kind === 'taken', text: `${frames}${line}\n` })
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

interface Signals {
  /** Resolves at the first signal that ends; a second one kills the jobs that still have their grace. */
  readonly ended: Promise<void>
  /** What SIGHUP asks for from now on. */
  onReload(reload: () => Promise<void>): void
}

/** From here on no signal ends the process by itself. */
function takeSignals(app: App): Signals {
  let reload = (): Promise<void> => Promise.resolve()
  process.on('SIGHUP', () => void reload())
  const ended = new Promise<void>((resolve) => {
    let signaled = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (signaled) killJobs(app)
        signaled = true
        resolve()
      })
    }
  })
  return {
    ended,
    onReload(wanted) {
      reload = wanted
    },
  }
}
