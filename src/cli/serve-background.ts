import type { App } from '../app.ts'
import { followSettings, withoutRefs } from '../app/follow-settings.ts'
import { retentionOf } from '../app/retention-rules.ts'
import { startScheduledBackups } from '../app/scheduled-backups.ts'
import type { Served } from '../app/serve-http.ts'
import type { OpenedProjects, ProjectOpener } from '../app/served-projects.ts'
import { makeSources } from '../app/sources.ts'
import { startUpkeep } from '../app/upkeep.ts'
import type { threadCompiler } from '../compile/thread-compiler.ts'
import { systemClock } from '../platform/clock.ts'
import type { ExecutorChoice, ListenAddress, Settings } from '../settings/settings.ts'
import { backUpInProcess } from './backup-process.ts'
import type { CommandContext } from './context.ts'
import { executorsByProject, type ServeExecutors } from './serve-executors.ts'
import type { ServeLog } from './serve-log.ts'
import { noteDaemon } from './serve-note.ts'
import type { foldersOf } from './state-folder.ts'

/** What stands once the configuration, the state folder and the log are open. */
export interface Prepared {
  readonly path: string
  readonly settings: Settings
  /** `--executor`, which wins over the file. */
  readonly executor: ExecutorChoice | undefined
  readonly address: ListenAddress
  readonly folders: ReturnType<typeof foldersOf>
  readonly executors: ServeExecutors
  readonly opener: ProjectOpener
  readonly opened: OpenedProjects
  readonly compiler: ReturnType<typeof threadCompiler>
  readonly log: ServeLog
  readonly context: CommandContext
}

/** What a daemon does beside answering. */
export interface Background {
  /** Reads the configuration anew. */
  reload(): Promise<void>
  /** Resolves when nothing is begun any more. Jobs are the app's to end. */
  stop(): Promise<void>
}

/** Runs jobs, follows repositories, schedules and the configuration, keeps the state folder small and copied. */
export async function startBackground(app: App, served: Served, prepared: Prepared): Promise<Background> {
  const { path, settings, address, folders, opened, log, context } = prepared
  const executors = runJobs(app, prepared)
  const sources = makeSources(app, { clock: systemClock, notice: log.warn })
  await sources.follow(withoutRefs(settings, opened))
  const { upkeep, backups } = keepState(app, prepared)
  const { stateDir } = folders
  const projects = app.projects.all
  const following = followSettings({
    app,
    file: path,
    settings,
    env: context.env,
    clock: systemClock,
    opener: prepared.opener,
    sources,
    upkeep,
    backups,
    served,
    executors,
    executorsOf: (wanted) => executorsByProject(wanted, prepared.executor, address, folders.scratchDir),
    closed: opened.closed,
    looked: noteDaemon({ url: served.url, stateDir, config: path, projects, log, context }),
    back(found) {
      for (const { name, path: folder } of found) log.tell(`${name} is served again: ${folder} can be opened`)
    },
    notice: log.warn,
  })
  return {
    reload: following.reload,
    async stop() {
      await following.stop()
      await sources.stop()
      await Promise.all([upkeep.stop(), backups.stop()])
    },
  }
}

/** Gives what can be changed of it while it runs: whose jobs run how. */
function runJobs(app: App, { path, settings, folders, executors }: Prepared) {
  const byProject = new Map(executors.byProject)
  app.startRunner({
    executor: executors.own.executor,
    executors: byProject,
    concurrency: settings.concurrency,
    buildsDir: settings.buildsDir ?? folders.buildsDir,
    scratchDir: folders.scratchDir,
    caches: { dir: settings.cache.dir ?? folders.cacheDir, limit: settings.cache.maxSize },
    logLimit: settings.logLimit,
    // Trigger tokens stand in it.
    hide: [path],
  })
  return byProject
}

function keepState(app: App, { settings, folders, log, context }: Prepared) {
  const { cacheDir, stateDir } = folders
  const told = { clock: systemClock, notice: log.warn, tell: log.tell }
  const upkeep = startUpkeep(
    { app, cacheDir: settings.cache.dir ?? cacheDir, ...told },
    retentionOf(settings),
  )
  const backups = startScheduledBackups(
    { stateDir, make: (wanted, signal) => backUpInProcess(wanted, context, signal), ...told },
    settings.backup,
  )
  return { upkeep, backups }
}
