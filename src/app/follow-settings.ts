import type { App } from '../app.ts'
import type { Clock } from '../platform/clock.ts'
import type { Executor } from '../runner/executors/executor.ts'
import type { ProjectSettings, Settings } from '../settings/settings.ts'
import type { Result } from '../shared/result.ts'
import { followFile } from '../sources/follow-file.ts'
import { makeLiveSettings, type Look } from './live-settings.ts'
import { retentionOf } from './retention-rules.ts'
import type { ScheduledBackups } from './scheduled-backups.ts'
import { awaitReturn } from './returning-projects.ts'
import type { Served } from './serve-http.ts'
import type { OpenedProjects, ProjectOpener } from './served-projects.ts'
import type { Sources } from './sources.ts'
import type { Upkeep } from './upkeep.ts'

export interface FollowOptions {
  readonly app: App
  readonly file: string
  /** Those that hold now. */
  readonly settings: Settings
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly opener: ProjectOpener
  readonly sources: Sources
  readonly upkeep: Upkeep
  readonly backups: ScheduledBackups
  readonly served: Served
  /** Whose jobs run how, as the runner sees it: changed in place. */
  readonly executors: Map<number, Executor>
  /** How the jobs of each project are to run; the error is a sentence. */
  executorsOf(settings: Settings): Promise<Result<ReadonlyMap<number, Executor>, string>>
  /** Of the projects, those that could not be opened. */
  readonly closed: readonly ProjectSettings[]
  looked(outcome: Look): void
  /** Projects that could not be opened are served now. */
  back(projects: readonly ProjectSettings[]): void
  notice(text: string): void
}

/** Takes over what changes in the configuration file, and around it, while the daemon runs. `reload` reads it in any case. */
export function followSettings(options: FollowOptions): {
  reload(): Promise<void>
  stop(): Promise<void>
} {
  const { clock, opener } = options
  let { closed } = options
  let stopped = false
  const live = makeLiveSettings(options.settings, {
    ...options,
    async apply(settings) {
      const opened = await apply(settings, options)
      closed = opened.closed
      await files.follow([options.file, ...settings.secretFiles])
      return opened.problems
    },
  })
  const files = followFiles(clock, () => void live.look('changed'))
  void files.follow([options.file, ...options.settings.secretFiles])
  const endWaiting = awaitReturn({
    clock,
    opener,
    closed: () => closed,
    settings: live.current,
    async back(projects) {
      await live.adjust((settings) => withKinds(settings, projects))
      if (!stopped) options.back(projects)
    },
    notice: options.notice,
  })
  return {
    reload: () => live.look('asked'),
    async stop() {
      stopped = true
      endWaiting()
      // What is being applied would begin to follow files again.
      await live.stop()
      await files.stop()
    },
  }
}

async function apply(settings: Settings, options: FollowOptions): Promise<OpenedProjects> {
  const [opened, executors] = await Promise.all([
    options.opener.open(settings),
    options.executorsOf(settings),
  ])
  if (!executors.ok) throw new Error(executors.error)
  for (const [id, executor] of executors.value) options.executors.set(id, executor)
  const declared = { users: settings.users, projects: opened.projects, declaredIn: options.file }
  options.app.follow(declared, settings)
  options.served.follow(settings.limits)
  options.upkeep.follow(retentionOf(settings))
  options.backups.follow(settings.backup)
  await options.sources.follow(withoutRefs(settings, opened))
  return opened
}

/** A project that could not be opened has no refs that could be followed. */
export function withoutRefs(settings: Settings, { closed }: OpenedProjects): Settings {
  return withKinds(
    settings,
    closed.map((project) => ({ ...project, kind: 'missing' })),
  )
}

/** Only what lies at a path is taken over: all else may have been changed in the file meanwhile, the path too. */
function withKinds(settings: Settings, looked: readonly ProjectSettings[]): Settings {
  const kinds = new Map(looked.map(({ id, path, kind }) => [keyOf(id, path), kind]))
  return {
    ...settings,
    projects: settings.projects.map((project) => ({
      ...project,
      kind: kinds.get(keyOf(project.id, project.path)) ?? project.kind,
    })),
  }
}

function keyOf(id: number, path: string): string {
  return `${id} ${path}`
}

/** Files that are followed until others are named. */
function followFiles(
  clock: Clock,
  changed: () => void,
): { follow(paths: readonly string[]): Promise<void>; stop(): Promise<void> } {
  const ends = new Map<string, () => Promise<void>>()

  async function follow(paths: readonly string[]): Promise<void> {
    for (const path of paths) if (!ends.has(path)) ends.set(path, followFile(path, clock, changed))
    const gone = [...ends].filter(([path]) => !paths.includes(path))
    for (const [path] of gone) ends.delete(path)
    await Promise.all(gone.map(([, end]) => end()))
  }

  return { follow, stop: () => follow([]) }
}
