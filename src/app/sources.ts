import { relative } from 'node:path'
import type { App } from '../app.ts'
import type { EngineLimits } from '../model/limits.ts'
import type { Schedule } from '../model/schedule.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import type { DeclaredSchedule } from '../pipeline/registry/schedules.ts'
import type { Clock } from '../platform/clock.ts'
import type { ProjectSettings, ScheduleSettings } from '../settings/settings.ts'
import { makeSchedulerTick } from '../sources/scheduler/scheduler.ts'
import { everyMinute } from '../sources/scheduler/wake.ts'
import { watchRefs } from '../sources/watcher/hints.ts'
import { startWatcher } from '../sources/watcher/watcher.ts'

export interface SourcesOptions {
  readonly limits: Pick<EngineLimits, 'missedRuns' | 'pipelinesPerPush'>
  readonly clock: Clock
  notice(text: string): void
}

/** What starts pipelines by itself. */
export interface Sources {
  /** Follows these projects from now on: their declared schedules, their branches and tags. */
  follow(projects: readonly ProjectSettings[]): Promise<void>
  stop(): Promise<void>
}

/** Starts the scheduler and the watcher; nothing is done for a project before `follow` names it. */
export function makeSources(app: App, options: SourcesOptions): Sources {
  const { store, engine } = app
  const watcher = startWatcher({
    ...options,
    store,
    engine,
    mostPipelines: options.limits.pipelinesPerPush,
    watchRefs,
  })
  const tick = makeSchedulerTick({
    ...options,
    store,
    engine,
    mostMissed: options.limits.missedRuns,
    isServed: (projectId) => app.projects.find(String(projectId)) !== undefined,
  })
  let stopTicks: (() => void) | undefined

  return {
    async follow(settings) {
      for (const { id, schedules } of settings)
        await engine.schedules.declare(id, schedules.map(toDeclared), LOCAL_USER_ID)
      // What was missed is looked at once all that is declared is known.
      stopTicks ??= everyMinute(tick)
      const watches = new Map(settings.map(({ id, watch, kind }) => [id, { watch, kind }]))
      await watcher.follow(
        app.projects.all().flatMap((project) => {
          const found = watches.get(project.id)
          // The snapshots of a plain folder are made when somebody asks for one.
          if (!found || found.kind === 'folder') return []
          return [
            {
              id: project.id,
              name: project.name,
              rules: found.watch,
              repository: app.projects.repository(project),
            },
          ]
        }),
      )
    },
    async stop() {
      stopTicks?.()
      await watcher.stop()
    },
  }
}

/** The schedule that runs next, of those that are served; undefined when there is none. */
export function nextSchedule(app: App): { readonly count: number; readonly next: Schedule | undefined } {
  const schedules = app.projects
    .all()
    .flatMap(
      ({ id }) => app.store.schedules.page(id, { active: true }, { limit: 10_000, offset: 0 }).schedules,
    )
  const [next] = schedules
    .filter(({ nextRunAt }) => nextRunAt !== null)
    .toSorted((a, b) => (a.nextRunAt ?? 0) - (b.nextRunAt ?? 0))
  return { count: schedules.length, next }
}

function toDeclared({ variables, location, ...schedule }: ScheduleSettings): DeclaredSchedule {
  return {
    ...schedule,
    at: `${relative(process.cwd(), location.file) || location.file}:${location.line}:${location.column}`,
    variables: variables.map(({ key, value, file, raw }) => ({
      key,
      value,
      type: file ? 'file' : 'env_var',
      raw,
    })),
  }
}
