import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFifos, openFifo, type FifoReader } from '../../platform/fifo.ts'
import { killHolders } from '../../platform/process.ts'
import { isAlive, ownIdentity, type ProcessIdentity } from '../../platform/process-identity.ts'
import { temporaryFile, type TemporaryFile } from './temporary-file.ts'

/** What one running job needs beside its workspace: private folders and a named pipe. Reused, as making them costs more than a job. */
export interface Lane {
  readonly index: number
  readonly temp: string
  readonly home: string
  /** The pipe for one script. Back-pressure: see `openFifo`. */
  open(sink: (bytes: Buffer) => Promise<void>): Promise<FifoReader>
  /** The pipe is not clean: somebody may still write to it. The next script gets a new one. */
  abandonPipe(): void
  file(content: string | Uint8Array): TemporaryFile
  /** Path of the pipe of the last script. */
  pipe(): string
  /** Empties the private folders, but for folders in the home that are named, and gives the lane back. */
  release(kept: readonly string[]): Promise<void>
}

export interface Lanes {
  take(): Promise<Lane>
  /** Removes everything from the disk. */
  close(): Promise<void>
}

const OWNER = 'owner.json'

/**
 * `<scratchDir>/<pid>-<random>/<lane>/`, private to this process. Errors of the file system reject `take`. `count` lanes
 * get their pipe at once; more are made when a lane that is still being emptied is missed.
 */
export function openLanes(scratchDir: string, count: number): Lanes {
  const free: Lane[] = []
  let made = 0
  const ready = setUp(scratchDir, count)
  ready.catch(() => {}) // `take` reports it
  return {
    async take() {
      const folder = await ready
      return (
        free.pop() ??
        makeLane({ folder, index: made++, piped: made <= count, giveBack: (lane) => free.push(lane) })
      )
    },
    async close() {
      const folder = await ready.catch(() => undefined) // nothing was made
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

async function setUp(scratchDir: string, count: number): Promise<string> {
  mkdirSync(scratchDir, { recursive: true })
  const folder = mkdtempSync(join(scratchDir, `${process.pid}-`))
  writeFileSync(join(folder, OWNER), JSON.stringify(ownIdentity()))
  for (let index = 0; index < count; index++) mkdirSync(join(folder, String(index)), { mode: 0o700 })
  await makeFifos(Array.from({ length: count }, (_, index) => join(folder, String(index), 'output-0')))
  return folder
}

function makeLane({
  folder,
  index,
  piped,
  giveBack,
}: {
  folder: string
  index: number
  piped: boolean
  giveBack(lane: Lane): void
}): Lane {
  const place = join(folder, String(index))
  const temp = join(place, 'tmp')
  const home = join(place, 'home')
  mkdirSync(temp, { recursive: true })
  chmodSync(temp, 0o1777) // as /tmp is; the folder around it is private
  mkdirSync(home, { recursive: true, mode: 0o700 })
  let pipe = 0
  let usable = piped
  const lane: Lane = {
    index,
    temp,
    home,
    async open(sink) {
      if (!usable) await makeFifos([join(place, `output-${++pipe}`)])
      usable = true
      return openFifo(join(place, `output-${pipe}`), sink)
    },
    abandonPipe() {
      usable = false
      rmSync(join(place, `output-${pipe}`), { force: true })
    },
    file: (content) => temporaryFile(place, content),
    pipe: () => join(place, `output-${pipe}`),
    async release(kept) {
      await emptyFolder(temp, place)
      await emptyFolder(home, place, kept)
      giveBack(lane)
    },
  }
  return lane
}

/** A folder that cannot be emptied is moved away, so that nothing of one job is met by the next. */
async function emptyFolder(folder: string, place: string, kept: readonly string[] = []): Promise<void> {
  try {
    await removeAllBut(folder, kept)
  } catch {
    await rename(folder, join(place, `left-${Date.now()}-${Math.random().toString(36).slice(2)}`))
    mkdirSync(folder, { mode: 0o700 })
  }
}

async function removeAllBut(folder: string, kept: readonly string[]): Promise<void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const below = kept.flatMap((other) =>
      other.startsWith(`${entry.name}/`) ? [other.slice(entry.name.length + 1)] : [],
    )
    if (entry.isDirectory() && (below.length > 0 || kept.includes(entry.name)))
      await removeAllBut(path, below)
    else await rm(path, { recursive: true, force: true })
  }
}

/** Removes what processes that were killed have left. Errors are of no consequence: the next start tries again. */
export async function sweepScratch(scratchDir: string): Promise<void> {
  for (const name of readNames(scratchDir)) {
    const owner = readOwner(join(scratchDir, name, OWNER))
    if (!owner || isAlive(owner)) continue
    // What a killed process has left running prints into its pipes.
    killHolders(join(scratchDir, name))
    await rm(join(scratchDir, name), { recursive: true, force: true }).catch(() => {})
  }
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readOwner(path: string): ProcessIdentity | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isIdentity(owner) ? owner : undefined
  } catch {
    return undefined // not one of our folders, or one that is being made
  }
}

export function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const { pid, pidStart, bootId } = value as Record<string, unknown>
  return typeof pid === 'number' && typeof pidStart === 'string' && typeof bootId === 'string'
}
