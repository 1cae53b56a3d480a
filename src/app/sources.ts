import { relative } from 'node:path'
import type { App } from '../app.ts'
import { DEFAULT_LIMITS, type EngineLimits } from '../model/limits.ts'
import type { Schedule } from '../model/schedule.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import type { DeclaredSchedule } from '../pipeline/registry/schedules.ts'
import type { Clock } from '../platform/clock.ts'
import { openRepository } from '../platform/git.ts'
import type { ProjectSettings, ScheduleSettings } from '../settings/settings.ts'
import { mirrorOf } from './served-projects.ts'
import { makeSchedulerTick } from '../sources/scheduler/scheduler.ts'
import { everyMinute } from '../sources/scheduler/wake.ts'
import { followWorkTree, type TreeFollower } from '../sources/work-tree/snapshot-pipelines.ts'
import { watchRefs } from '../sources/watcher/hints.ts'
import { startWatcher } from '../sources/watcher/watcher.ts'

export interface SourcesSettings {
  readonly projects: readonly ProjectSettings[]
  readonly limits: Pick<EngineLimits, 'missedRuns' | 'pipelinesPerPush'>
}

export interface SourcesOptions {
  readonly clock: Clock
  /** Calls what is due, now and at every full minute; returns what ends that. Absent: by the machine's clock. */
  readonly wake?: typeof everyMinute
  notice(text: string): void
}

/** What starts pipelines by itself. */
export interface Sources {
  /** Follows these projects from now on, their declared schedules, their branches and tags, within these limits. */
  follow(settings: SourcesSettings): Promise<void>
  /** Resolves when no pipeline is being made any more. */
  stop(): Promise<void>
}

/** As in `sluice run`: new files that are larger are left out of a snapshot. */
const SNAPSHOT_FILE_LIMIT = 100 * 1024 ** 2

/** Starts the scheduler and the watcher; nothing is done for a project before `follow` names it. */
export function makeSources(app: App, options: SourcesOptions): Sources {
  const { store, engine } = app
  let limits: SourcesSettings['limits'] = DEFAULT_LIMITS
  const watcher = startWatcher({
    ...options,
    store,
    engine,
    mostPipelines: () => limits.pipelinesPerPush,
    watchRefs,
  })
  const tick = makeSchedulerTick({
    ...options,
    store,
    engine,
    mostMissed: () => limits.missedRuns,
    // What is due while this ends is made up for by the next start.
    isServed: (projectId) => !stopped && app.projects.find(String(projectId)) !== undefined,
  })
  let stopTicks: (() => void) | undefined
  let ticked: Promise<void> | undefined
  let stopped = false
  const trees = new Map<string, TreeFollower>()
  const declared = new Map<number, string>()

  /** Passes over projects whose schedules stand in the file as they did: looking their refs up costs a process for each. */
  async function declareSchedules(settings: readonly ProjectSettings[]): Promise<void> {
    const named = new Set(settings.map(({ id }) => id))
    for (const id of declared.keys()) if (!named.has(id)) declared.delete(id)
    for (const { id, schedules, schedulesLeftOut } of settings) {
      const wanted = schedules.map(toDeclared)
      const others = schedulesLeftOut ? 'kept' : 'removed'
      const text = JSON.stringify([wanted, others])
      if (declared.get(id) === text) continue
      // A project that has none, and had none, has nothing to be told.
      if (wanted.length > 0 || store.schedules.declaredOf(id).size > 0)
        await engine.schedules.declare(id, wanted, LOCAL_USER_ID, others)
      declared.set(id, text)
    }
  }

  /** Projects whose work tree is followed: begins with new ones, ends with those that are none any more. */
  async function followTrees(settings: readonly ProjectSettings[]): Promise<void> {
    const wanted = new Map(
      settings
        .filter(({ watch, kind }) => watch.workingTree === true && kind === 'work-tree')
        .map((project) => [JSON.stringify([project.id, project.path]), project]),
    )
    const gone = [...trees].filter(([key]) => !wanted.has(key))
    for (const [key] of gone) trees.delete(key)
    await Promise.all(gone.map(([, tree]) => tree.close()))
    for (const [key, { id, name, path }] of wanted) {
      if (trees.has(key)) continue
      const tree = followWorkTree(
        { id, name, root: path, mirror: mirrorOf(store.stateDir, id) },
        { ...options, engine, open: openRepository, fileLimit: SNAPSHOT_FILE_LIMIT },
      )
      trees.set(key, tree)
      await tree.ready
    }
  }

  return {
    async follow({ projects: settings, limits: wanted }) {
      limits = wanted
      await declareSchedules(settings)
      // What was missed is looked at once all that is declared is known.
      stopTicks ??= (options.wake ?? everyMinute)(() => (ticked = tick()))
      const watches = new Map(settings.map(({ id, watch, kind }) => [id, { watch, kind }]))
      await watcher.follow(
        app.projects.all().flatMap((project) => {
          const found = watches.get(project.id)
          // The snapshots of a plain folder are made when somebody asks for one.
          if (!found || found.kind === 'folder' || found.kind === 'missing') return []
          return [
            {
              id: project.id,
              name: project.name,
              rules: { branches: found.watch.branches, tags: found.watch.tags },
              repository: app.projects.repository(project),
            },
          ]
        }),
      )
      await followTrees(settings)
    },
    async stop() {
      stopped = true
      stopTicks?.()
      await ticked
      await Promise.all([...trees.values()].map((tree) => tree.close()))
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
