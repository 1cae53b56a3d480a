import { isDeepStrictEqual } from 'node:util'
import type { App } from '../app.ts'
import { DEFAULT_RETENTION, type RetentionRules } from '../model/retention.ts'
import { sweepOrphans } from '../pipeline/retention/orphans.ts'
import { removeAllMarked } from '../pipeline/retention/remove.ts'
import { makeRoomIn } from '../pipeline/retention/round.ts'
import type { Clock } from '../platform/clock.ts'
import { sweepCaches } from '../runner/cache/cache-store.ts'

export interface UpkeepOptions {
  readonly app: App
  readonly clock: Clock
  /** Where caches lie. */
  readonly cacheDir: string
  notice(text: string): void
}

/** Of each project that is served, by id. What others left follows the defaults. */
export type RulesByProject = ReadonlyMap<number, RetentionRules>

/** What keeps a state folder small and true for months. */
export interface Upkeep {
  /** These rules hold from now on; when they are others than before, everything is looked at. */
  follow(rules: RulesByProject): void
  /** One look at everything: what was begun before a crash, files without rows, then what the rules do not keep. Never rejects. */
  once(): Promise<void>
  /** Resolves when nothing more is touched. */
  stop(): Promise<void>
}

/** The first look waits until the start is over. */
const FIRST_LOOK_MS = 10_000
const LOOK_EVERY_MS = 600_000
/** Nothing has happened for so long: there is time for the database itself. */
const QUIET_MS = 30_000
const QUIET_LOOK_MS = 15_000
/** Empty pages given back at a time, and from how many bytes on. */
const PAGES_AT_ONCE = 500
const SHRINK_FROM_BYTES = 16 * 1024 ** 2
/** A write-ahead log of this size is worth to be emptied. */
const CHECKPOINT_FROM_BYTES = 256 * 1024

/** Looks after start, every ten minutes and when the rules change, and at the database file when the daemon is idle. */
export function startUpkeep(options: UpkeepOptions, first: RulesByProject): Upkeep {
  const { app, clock } = options
  const { store } = app
  let rules = first
  let stopped = false
  let swept = false
  let working: Promise<void> | undefined
  let lastEvent = clock.monotonic()
  const cancels = new Set<() => void>()
  const isStopped = (): boolean => stopped
  app.engine.events.on(() => {
    lastEvent = clock.monotonic()
  })

  function every(firstMs: number, ms: number, work: () => void): void {
    let cancel = clock.after(firstMs, function run() {
      cancels.delete(cancel)
      work()
      cancel = clock.after(ms, run)
      cancels.add(cancel)
    })
    cancels.add(cancel)
  }

  async function look(): Promise<void> {
    await forget(await removeAllMarked(store))
    if (!swept) {
      swept = true
      const { files, rows } = await sweepOrphans(store, clock.now(), isStopped)
      if (files + rows > 0)
        options.notice(`after a crash: ${files} files without a row and ${rows} rows without a file removed`)
    }
    for (const projectId of store.projects.ids()) {
      if (stopped) return
      const wanted = rules.get(projectId) ?? DEFAULT_RETENTION
      const removed = await makeRoomIn(store, projectId, {
        rules: wanted,
        now: clock.now(),
        stopped: isStopped,
      })
      await forget(removed.pipelines.map((id) => ({ id, projectId })))
      const name = app.projects.find(String(projectId))?.name
      if (name !== undefined && !stopped)
        await sweepCaches(options.cacheDir, name, { ...wanted.caches, now: clock.now() })
    }
  }

  async function forget(pipelines: readonly { id: number; projectId: number }[]): Promise<void> {
    const projects = new Map<number, number[]>()
    for (const { id, projectId } of pipelines)
      projects.set(projectId, [...(projects.get(projectId) ?? []), id])
    for (const [projectId, ids] of projects) await app.unpin(ids, projectId)
  }

  /** One at a time; whoever asks meanwhile waits for the one that is under way. */
  function once(): Promise<void> {
    working ??= look()
      .catch((error: unknown) => {
        if (!stopped) options.notice(`removing what is old: ${String(error)}`)
      })
      .finally(() => {
        working = undefined
      })
    return working
  }

  function whenQuiet(): void {
    if (working || clock.monotonic() - lastEvent < QUIET_MS) return
    try {
      if (store.upkeep.unusedBytes() >= SHRINK_FROM_BYTES) shrink()
      else if (store.upkeep.logBytes() >= CHECKPOINT_FROM_BYTES) store.upkeep.checkpoint()
    } catch (error) {
      options.notice(`looking after the database: ${String(error)}`)
    }
  }

  /** Until something happens again. */
  function shrink(): void {
    if (stopped || clock.monotonic() - lastEvent < QUIET_MS) return
    const before = store.upkeep.unusedBytes()
    store.upkeep.shrink(PAGES_AT_ONCE)
    const after = store.upkeep.unusedBytes()
    if (after === 0 || after >= before) return
    const cancel = clock.after(1, () => {
      cancels.delete(cancel)
      shrink()
    })
    cancels.add(cancel)
  }

  every(FIRST_LOOK_MS, LOOK_EVERY_MS, () => void once())
  every(QUIET_LOOK_MS, QUIET_LOOK_MS, whenQuiet)
  return {
    follow(wanted) {
      const isNew = !isDeepStrictEqual(wanted, rules)
      rules = wanted
      // One that is under way may have passed by already.
      if (isNew) void once().then(() => (stopped ? undefined : once()))
    },
    once,
    async stop() {
      stopped = true
      for (const cancel of cancels) cancel()
      await working
    },
  }
}
