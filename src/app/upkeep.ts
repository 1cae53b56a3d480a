import { isDeepStrictEqual } from 'node:util'
import type { App } from '../app.ts'
import { DEFAULT_RETENTION, type RetentionRules } from '../model/retention.ts'
import { sweepOrphans } from '../pipeline/retention/orphans.ts'
import { removeAllMarked } from '../pipeline/retention/remove.ts'
import { makeRoomIn, type Removed } from '../pipeline/retention/round.ts'
import type { Clock } from '../platform/clock.ts'
import { sweepCaches } from '../runner/cache/cache-store.ts'

export interface UpkeepOptions {
  readonly app: App
  readonly clock: Clock
  /** Where caches lie. */
  readonly cacheDir: string
  notice(text: string): void
  /** What was removed, and why: news that is no trouble. */
  tell(text: string): void
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
const FILE_LOOK_MS = 15_000
/** Empty pages are given back from so many bytes on. */
const SHRINK_FROM_BYTES = 16 * 1024 ** 2
/** How many at a time, and how long others have their turn in between. */
const AT_REST = { pages: 500, pauseMs: 1 }
const AT_WORK = { pages: 100, pauseMs: 50 }
/** While there is work such a part of the file may stay empty: it is soon filled again. */
const SPARE_AT_WORK = 1 / 8
/** A write-ahead log of this size is worth to be emptied. */
const CHECKPOINT_FROM_BYTES = 256 * 1024

/** A project more or less that keeps what all keep is no reason to look at hundreds of others. */
function differ(one: RulesByProject, other: RulesByProject): boolean {
  return [...one.keys(), ...other.keys()].some(
    (id) => !isDeepStrictEqual(one.get(id) ?? DEFAULT_RETENTION, other.get(id) ?? DEFAULT_RETENTION),
  )
}

/** Looks after start, every ten minutes and when the rules change, and at the database file when the daemon is idle. */
export function startUpkeep(options: UpkeepOptions, first: RulesByProject): Upkeep {
  const { app, clock } = options
  const { store } = app
  let rules = first
  let stopped = false
  let swept = false
  let shrinking = false
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
        removeUnfinished: (id) => app.engine.verbs.deletePipeline(id).ok,
      })
      await forget(removed.pipelines.map((id) => ({ id, projectId })))
      const name = app.projects.find(String(projectId))?.name
      const isOver = name === undefined || stopped
      const caches = isOver
        ? 0
        : await sweepCaches(options.cacheDir, name, { ...wanted.caches, now: clock.now() })
      const text = removedText({ ...removed, caches })
      if (text !== '') options.tell(`retention of ${name ?? `project ${projectId}`} removed ${text}`)
    }
  }

  async function forget(pipelines: readonly { id: number; projectId: number }[]): Promise<void> {
    const projects = new Map<number, number[]>()
    for (const { id, projectId } of pipelines) {
      const ids = projects.get(projectId)
      if (ids) ids.push(id)
      else projects.set(projectId, [id])
    }
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

  const isQuiet = (): boolean => clock.monotonic() - lastEvent >= QUIET_MS

  function lookAfterFile(): void {
    if (working || shrinking) return
    try {
      if (store.upkeep.unusedBytes() >= SHRINK_FROM_BYTES) shrink()
      else if (isQuiet() && store.upkeep.logBytes() >= CHECKPOINT_FROM_BYTES) store.upkeep.checkpoint()
    } catch (error) {
      options.notice(`looking after the database: ${String(error)}`)
    }
  }

  /** Step by step, also while there is work: a daemon that is never at rest must not keep its largest size for ever. */
  function shrink(): void {
    shrinking = false
    if (stopped) return
    const before = store.upkeep.unusedBytes()
    const spare = isQuiet() ? 0 : store.upkeep.fileBytes() * SPARE_AT_WORK
    if (before <= spare) return
    const { pages, pauseMs } = isQuiet() ? AT_REST : AT_WORK
    store.upkeep.shrink(pages)
    if (store.upkeep.unusedBytes() >= before) return
    shrinking = true
    const cancel = clock.after(pauseMs, () => {
      cancels.delete(cancel)
      try {
        shrink()
      } catch (error) {
        options.notice(`looking after the database: ${String(error)}`)
      }
    })
    cancels.add(cancel)
  }

  every(FIRST_LOOK_MS, LOOK_EVERY_MS, () => void once())
  every(FILE_LOOK_MS, FILE_LOOK_MS, lookAfterFile)
  return {
    follow(wanted) {
      const isNew = differ(wanted, rules)
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

/** `2 pipelines, 1 log`; empty when nothing was. */
function removedText(
  removed: Omit<Removed, 'pipelines'> & { pipelines: readonly number[]; caches: number },
): string {
  const { pipelines, logs, artifacts, caches, deliveries } = removed
  const parts: readonly (readonly [number, string, string])[] = [
    [pipelines.length, 'pipeline', 'pipelines'],
    [logs, 'log', 'logs'],
    [artifacts, 'artifact', 'artifacts'],
    [caches, 'cache', 'caches'],
    [deliveries, 'trigger request', 'trigger requests'],
  ]
  return parts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    .join(', ')
}
