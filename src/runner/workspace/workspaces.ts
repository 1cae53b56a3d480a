import { join } from 'node:path'
import { err, ok, type Result } from '../../shared/result.ts'
import { lockSlot, unlockSlot } from './slot-lock.ts'
import { openSlot, type CheckoutWish, type Slot } from './slot.ts'

export interface WorkspaceWish extends Omit<CheckoutWish, 'origin'> {
  readonly projectId: number
  /** Last part of the project's path: the name of the project folder. */
  readonly name: string
}

/** A workspace in the hands of one job. */
export interface Workspace {
  readonly slot: Slot
  /** Number of the slot, from 0: `CI_CONCURRENT_PROJECT_ID`. */
  readonly index: number
  /** Cleans it and gives it back; the caller need not wait. */
  release(): Promise<void>
}

export interface Workspaces {
  /** A workspace of the project that no other job and no other process uses. `prepare` must follow. */
  acquire(wish: Pick<WorkspaceWish, 'projectId' | 'name' | 'sha'>): Promise<Result<Workspace, string>>
  /** Resolves when all are clean and open to other processes. What is in the trash may still be on the disk. */
  close(): Promise<void>
}

interface Entry {
  readonly slot: Slot
  readonly index: number
  state: 'free' | 'used' | 'cleaning'
  cleaned: Promise<void>
}

/** Slots of other processes are passed over; more than this many are not looked for. */
const MOST_SLOTS = 10_000

/**
 * `<buildsDir>/<project id>/<slot>/`. Slots are kept for the life of the process. A small project has one slot more than jobs,
 * so that the next job of a chain need not wait until the slot of the one before is clean.
 */
export function openWorkspaces(buildsDir: string): Workspaces {
  const projects = new Map<number, Entry[]>()

  function makeEntry(projectId: number, name: string, entries: Entry[]): Entry | undefined {
    const first = (entries.at(-1)?.index ?? -1) + 1
    for (let index = first; index < MOST_SLOTS; index++) {
      const folder = join(buildsDir, String(projectId), String(index))
      if (!lockSlot(folder)) continue
      const entry: Entry = { slot: openSlot(folder, name), index, state: 'free', cleaned: Promise.resolve() }
      entries.push(entry)
      return entry
    }
    return undefined
  }

  async function pick(projectId: number, name: string, sha: string): Promise<Entry | undefined> {
    let entries = projects.get(projectId)
    if (!entries) projects.set(projectId, (entries = []))
    for (;;) {
      const free = entries.filter((entry) => entry.state === 'free')
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
    async acquire({ projectId, name, sha }) {
      try {
        const entry = await pick(projectId, name, sha)
        if (!entry) return err('no free workspace was found')
        return ok({ slot: entry.slot, index: entry.index, release: () => giveBack(entry) })
      } catch (error) {
        return err(error instanceof Error ? error.message : String(error))
      }
    },
    async close() {
      const all = [...projects.values()].flat()
      await Promise.all(all.map((entry) => entry.cleaned))
      for (const entry of all) unlockSlot(entry.slot.folder)
      projects.clear()
    },
  }
}

/** In the same turn as it was found free. */
function take(entry: Entry | undefined): Entry | undefined {
  if (entry) entry.state = 'used'
  return entry
}

function giveBack(entry: Entry): Promise<void> {
  entry.state = 'cleaning'
  entry.cleaned = entry.slot.clean().finally(() => (entry.state = 'free'))
  return entry.cleaned
}
