import type { Durability } from '../../../src/store/database.ts'
import type { Store } from '../../../src/store/store.ts'

/** Thrown where the process dies; nobody in src may live on it, since from then on every call to the store throws it. */
export class ProcessDied extends Error {}

/** A store that dies with its process: at a commit that was chosen, or when it is told. */
export interface MortalStore {
  readonly store: Store
  /** Die at the nth commit from now, before or after it takes effect. */
  dieAt(commits: number, when: 'before' | 'after'): void
  die(): void
  readonly isDead: () => boolean
}

type Deed = (...args: unknown[]) => unknown

/** `committed` is called after each outermost transaction, `died` at the end. Logs are nowhere: no bytes are simulated. */
export function mortalStore(real: Store, committed: () => void, died: () => void): MortalStore {
  let dead = false
  let depth = 0
  let planned: { left: number; readonly when: 'before' | 'after' } | undefined

  function alive(): void {
    if (dead) throw new ProcessDied('the process is dead')
  }

  function die(): never {
    dead = true
    died()
    throw new ProcessDied('the process died')
  }

  function write<T>(durability: Durability, work: () => T): T {
    alive()
    if (depth > 0) return work()
    depth++
    const last = planned !== undefined && --planned.left === 0
    try {
      const result = real.write(durability, () => {
        const done = work()
        if (last && planned?.when === 'before') die()
        return done
      })
      if (last) {
        committed()
        die()
      }
      return result
    } finally {
      depth--
      if (!dead) committed()
    }
  }

  const wrapped: Record<string, unknown> = {
    // Nothing but rows: no ballast for a full disk either.
    stateDir: '/nowhere',
    write,
    // A simulated process dies; the power does not fail.
    synced: () => Promise.resolve(),
    close: () => undefined,
  }
  for (const [name, table] of Object.entries(real)) {
    if (typeof table === 'object')
      wrapped[name] = name === 'traces' ? noTraces : guarded(table as object, alive)
  }
  return {
    store: wrapped as unknown as Store,
    dieAt: (commits, when) => void (planned = { left: commits, when }),
    die() {
      dead = true
      died()
    },
    isDead: () => dead,
  }
}

function guarded(table: object, alive: () => void): Record<string, Deed> {
  const entries = Object.entries(table as Record<string, Deed>).map(([name, deed]): [string, Deed] => [
    name,
    (...args) => {
      alive()
      return deed.apply(table, args)
    },
  ])
  return Object.fromEntries(entries)
}

const noTraces: Store['traces'] = {
  pathOf: ({ id }) => `/nowhere/${id}.log`,
  append: () => ({
    size: () => 0,
    write: () => Promise.resolve(),
    shorten: () => {},
    close: () => Promise.resolve(),
  }),
  sizeOf: () => 0,
  read: () => {
    throw new Error('no log is read in a simulation')
  },
  remove: () => undefined,
}
