import { lstat, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setImmediate as others } from 'node:timers/promises'
import { namesIn } from '../../platform/files.ts'
import type { Store } from '../../store/store.ts'

/** Files that a process may just be writing, and whose row comes after them, are left alone. */
const YOUNG_MS = 3_600_000
const AT_ONCE = 100

/** What a sweep has put right. */
export interface Swept {
  /** Files and folders without a row. */
  readonly files: number
  /** Rows that named files which are gone. */
  readonly rows: number
}

/** Brings rows and files of a state folder into agreement again, after a crash or a full disk. `now` in ms. */
export async function sweepOrphans(store: Store, now: number, stopped: () => boolean): Promise<Swept> {
  const files = (await sweepLogs(store, now, stopped)) + (await sweepArtifactFiles(store, now, stopped))
  const rows = (await dropArtifactRows(store, now, stopped)) + (await dropLogSizes(store, now, stopped))
  return { files, rows }
}

async function sweepLogs(store: Store, now: number, stopped: () => boolean): Promise<number> {
  let removed = 0
  for await (const { path, name } of monthly(join(store.stateDir, 'traces'), stopped)) {
    const id = /^(\d+)\.log$/.exec(name)?.[1]
    if (id === undefined || store.retention.hasJob(Number(id))) continue
    if (await removeOld(path, now)) removed++
  }
  return removed
}

async function sweepArtifactFiles(store: Store, now: number, stopped: () => boolean): Promise<number> {
  let removed = 0
  for await (const { path, name } of monthly(join(store.stateDir, 'artifacts'), stopped)) {
    const [, digits, reports] = /^(\d+)(\.reports)?$/.exec(name) ?? []
    if (digits === undefined) continue
    const id = Number(digits)
    const known = reports
      ? store.retention.hasJob(id)
      : store.retention.hasArtifactAt(id, relative(store.stateDir, path))
    if (!known && (await removeOld(path, now))) removed++
  }
  return removed
}

/** What lies in `<folder>/<yyyy>/<mm>/`. */
async function* monthly(
  folder: string,
  stopped: () => boolean,
): AsyncGenerator<{ readonly path: string; readonly name: string }> {
  let looked = 0
  for (const year of await namesIn(folder))
    for (const month of await namesIn(join(folder, year)))
      for (const name of await namesIn(join(folder, year, month))) {
        if (stopped()) return
        if (++looked % AT_ONCE === 0) await others()
        yield { path: join(folder, year, month, name), name }
      }
}

async function removeOld(path: string, now: number): Promise<boolean> {
  const { mtimeMs } = await lstat(path)
  if (now - mtimeMs < YOUNG_MS) return false
  await rm(path, { recursive: true, force: true })
  return true
}

async function dropArtifactRows(store: Store, now: number, stopped: () => boolean): Promise<number> {
  let dropped = 0
  for (let after = 0; !stopped();) {
    const rows = store.retention.artifactsAfter(after, AT_ONCE)
    const lost: number[] = []
    for (const { id, path, createdAt } of rows)
      if (now - createdAt >= YOUNG_MS && !(await exists(join(store.stateDir, path)))) lost.push(id)
    if (lost.length > 0)
      store.write('normal', () => {
        for (const id of lost) store.artifacts.remove(id)
      })
    dropped += lost.length
    after = rows.at(-1)?.id ?? after
    if (rows.length < AT_ONCE) return dropped
  }
  return dropped
}

async function dropLogSizes(store: Store, now: number, stopped: () => boolean): Promise<number> {
  let dropped = 0
  for (let after = 0; !stopped();) {
    const rows = store.retention.logsAfter(after, AT_ONCE)
    const lost: number[] = []
    for (const { id, createdAt, traceSize, finishedAt } of rows) {
      const mayBeLost = traceSize > 0 && finishedAt !== null && now - finishedAt >= YOUNG_MS
      if (mayBeLost && !(await exists(store.traces.pathOf({ id, createdAt })))) lost.push(id)
    }
    if (lost.length > 0)
      store.write('normal', () => {
        for (const id of lost) store.retention.dropLog(id)
      })
    dropped += lost.length
    after = rows.at(-1)?.id ?? after
    if (rows.length < AT_ONCE) return dropped
    await others()
  }
  return dropped
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
