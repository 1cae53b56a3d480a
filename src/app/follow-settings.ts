import type { App } from '../app.ts'
import type { Clock } from '../platform/clock.ts'
import type { Executor } from '../runner/executors/executor.ts'
import type { Settings, SettingsProblem } from '../settings/settings.ts'
import type { Result } from '../shared/result.ts'
import { followFile } from '../sources/follow-file.ts'
import { makeLiveSettings } from './live-settings.ts'
import type { Served } from './serve-http.ts'
import type { ProjectOpener } from './served-projects.ts'
import { retentionOf } from './retention-rules.ts'
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
  readonly served: Served
  /** Whose jobs run how, as the runner sees it: changed in place. */
  readonly executors: Map<number, Executor>
  /** How the jobs of each project are to run; the error is a sentence. */
  executorsOf(settings: Settings): Promise<Result<ReadonlyMap<number, Executor>, string>>
  /** The file is wrong, and the old settings hold on. */
  refused(problem: SettingsProblem): void
  notice(text: string): void
  /** The file holds now. */
  taken(text: string): void
}

/** Takes over what changes in the configuration file while the daemon runs. `reload` reads it in any case. */
export function followSettings(options: FollowOptions): {
  reload(): Promise<void>
  stop(): Promise<void>
} {
  const live = makeLiveSettings(options.settings, {
    ...options,
    apply: (settings) => apply(settings, options),
  })
  const stop = followFile(options.file, options.clock, () => void live.look('changed'))
  return { reload: () => live.look('asked'), stop }
}

async function apply(settings: Settings, options: FollowOptions): Promise<void> {
  const [projects, executors] = await Promise.all([
    options.opener.open(settings),
    options.executorsOf(settings),
  ])
  if (!projects.ok) throw new Error(projects.error)
  if (!executors.ok) throw new Error(executors.error)
  for (const [id, executor] of executors.value) options.executors.set(id, executor)
  const declared = { users: settings.users, projects: projects.value, declaredIn: options.file }
  options.app.follow(declared, settings)
  options.served.follow(settings.limits)
  options.upkeep.follow(retentionOf(settings))
  await options.sources.follow(settings)
}
