import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../../shared/result.ts'
import { lockSlot, unlockSlot } from './slot-lock.ts'
import { openSlot, type CheckoutWish, type Slot } from './slot.ts'

export interface WorkspaceWish extends Pick<CheckoutWish, 'sha'> {
  readonly projectId: number
  /** Where in the slot the project folder lies: the last part of the project's path, or more. */
  readonly name: string
  /** The job is to find what the one before it left. */
  readonly latest?: boolean
}

/** A workspace in the hands of one job. */
export interface Workspace {
  readonly slot: Slot
  /** Number of the slot, from 0: `CI_CONCURRENT_PROJECT_ID`. */
  readonly index: number
  /** Gives it back, clean or as the job left it; the caller need not wait. */
  release(how?: 'clean' | 'as_it_is'): Promise<void>
}

export interface Workspaces {
  /** A workspace of the project that no other job and no other process uses. `prepare` must follow. */
  acquire(wish: WorkspaceWish): Promise<Result<Workspace, string>>
  /** Resolves when all are clean and open to other processes. What is in the trash may still be on the disk. */
  close(): Promise<void>
}

interface Entry {
  readonly slot: Slot
  readonly index: number
  state: 'free' | 'used' | 'cleaning'
  cleaned: Promise<void>
  /** Rises with every use. */
  used: number
}

/** Slots of other processes are passed over; more than this many are not looked for. */
const MOST_SLOTS = 10_000

/**
 * `<buildsDir>/<project id>/<slot>/`. Slots are kept for the life of the process. A small project has one slot more than jobs,
 * so that the next job of a chain need not wait until the slot of the one before is clean.
 */
export function openWorkspaces(buildsDir: string): Workspaces {
  // By project and folder: a slot keeps its layout for the life of the process.
  const pools = new Map<string, Entry[]>()
  let uses = 0

  function makeEntry(projectId: number, name: string, entries: Entry[]): Entry | undefined {
    const first = (entries.at(-1)?.index ?? -1) + 1
    for (let index = first; index < MOST_SLOTS; index++) {
      const folder = join(buildsDir, String(projectId), String(index))
      if (!lockSlot(folder)) continue
      const slot = openSlot(folder, name)
      const entry: Entry = { slot, index, state: 'free', cleaned: Promise.resolve(), used: 0 }
      entries.push(entry)
      return entry
    }
    return undefined
  }

  async function pick({ projectId, name, sha, latest }: WorkspaceWish): Promise<Entry | undefined> {
    const key = `${projectId} ${name}`
    let entries = pools.get(key)
    if (!entries) pools.set(key, (entries = []))
    for (;;) {
      forgetVanished(entries)
      const free = entries.filter((entry) => entry.state === 'free')
      if (latest) {
        const idle = entries.filter((entry) => entry.state !== 'used').toSorted((a, b) => b.used - a.used)
        const [last] = idle
        if (!last) return take(makeEntry(projectId, name, entries))
        if (last.state === 'free') return take(last)
        await last.cleaned
        continue
      }
      const found = free.find((entry) => entry.slot.sha() === sha) ?? free[0]
      if (found) return take(found)
      const cleaning = entries.filter((entry) => entry.state === 'cleaning')
      const spare =
        cleaning.length > 0 && (cleaning.length > 1 || entries.some((entry) => !entry.slot.small()))
      if (!spare) return take(makeEntry(projectId, name, entries))
      await Promise.race(cleaning.map((entry) => entry.cleaned))
    }
  }

  return {
    async acquire(wish) {
      try {
        const entry = await pick(wish)
        if (!entry) return err('no free workspace was found')
        entry.used = ++uses
        return ok({ slot: entry.slot, index: entry.index, release: (how) => giveBack(entry, how ?? 'clean') })
      } catch (error) {
        return err(error instanceof Error ? error.message : String(error))
      }
    },
    async close() {
      const all = [...pools.values()].flat()
      await Promise.all(all.map((entry) => entry.cleaned))
      for (const { slot } of all) {
        slot.keep()
        unlockSlot(slot.folder)
      }
      pools.clear()
    },
  }
}

/** Somebody has deleted the folder of a slot: its lock is gone with it, and it is no slot any more. */
function forgetVanished(entries: Entry[]): void {
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at]
    if (entry?.state === 'free' && !existsSync(entry.slot.folder)) entries.splice(at, 1)
  }
}

/** In the same turn as it was found free. */
function take(entry: Entry | undefined): Entry | undefined {
  if (entry) entry.state = 'used'
  return entry
}

function giveBack(entry: Entry, how: 'clean' | 'as_it_is'): Promise<void> {
  entry.state = 'cleaning'
  const done = how === 'clean' ? entry.slot.clean() : entry.slot.leave()
  entry.cleaned = done.finally(() => (entry.state = 'free'))
  return entry.cleaned
}
