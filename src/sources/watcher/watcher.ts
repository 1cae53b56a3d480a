import { watchProject, type ProjectWatch, type WatchedProject, type WatchOptions } from './watch-project.ts'

export interface Watcher {
  /** Follows these projects from now on, and no others. Those that stay as they were are not touched. */
  follow(projects: readonly WatchedProject[]): Promise<void>
  stop(): Promise<void>
}

/** How often it is asked whether a repository is still the same, or back; costs a look at a folder. */
const GLANCE_MS = 2000
/** How often the repositories are looked at where no hint came: network file systems. */
const POLL_MS = 30_000

/** Follows the branches and tags of all served repositories, and makes a pipeline of every new tip. */
export function startWatcher(options: WatchOptions): Watcher {
  const watches = new Map<number, { readonly project: WatchedProject; readonly watch: ProjectWatch }>()
  let cancel: (() => void) | undefined
  let polledAt = options.clock.monotonic()
  let toldLimit = false

  function lookLater(): void {
    const lookAround = async (): Promise<void> => {
      const polls = options.clock.monotonic() - polledAt >= POLL_MS
      if (polls) polledAt = options.clock.monotonic()
      // One after another: nobody waits for it, and git need not be asked by all at once.
      for (const { watch } of watches.values()) await (polls ? watch.poll() : watch.glance())
      if (cancel) lookLater()
    }
    cancel = options.clock.after(GLANCE_MS, () => void lookAround())
  }

  function limited(why: string): void {
    if (toldLimit) return
    toldLimit = true
    options.notice(
      `not every repository can be watched by file events (${why}); those are looked at every ${GLANCE_MS / 1000} seconds instead. ` +
        'More watches: sysctl fs.inotify.max_user_watches and fs.inotify.max_user_instances',
    )
  }

  async function drop(id: number): Promise<void> {
    const entry = watches.get(id)
    watches.delete(id)
    await entry?.watch.close()
  }

  async function take(project: WatchedProject): Promise<void> {
    const { branches, tags } = project.rules
    if (branches === 'none' && tags === 'none') {
      options.engine.pushes.end(project.id)
      return
    }
    const watch = watchProject(project, { ...options, limited })
    watches.set(project.id, { project, watch })
    await watch.look()
  }

  lookLater()
  return {
    async follow(projects) {
      const wanted = new Map(projects.map((project) => [project.id, project]))
      const gone = [...watches].filter(([id, { project }]) => !isSame(project, wanted.get(id)))
      await Promise.all(gone.map(([id]) => drop(id)))
      await severalAtATime(
        projects.filter(({ id }) => !watches.has(id)),
        take,
      )
    },
    async stop() {
      cancel?.()
      cancel = undefined
      await Promise.all([...watches.keys()].map(drop))
    },
  }
}

/** The first look at a repository is mostly waiting for git. */
const AT_A_TIME = 8

async function severalAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, lane))
}

function isSame(now: WatchedProject, wanted: WatchedProject | undefined): boolean {
  return (
    wanted !== undefined &&
    wanted.repository.gitDir === now.repository.gitDir &&
    JSON.stringify(wanted.rules) === JSON.stringify(now.rules)
  )
}
