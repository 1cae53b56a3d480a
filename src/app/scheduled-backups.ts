import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../platform/clock.ts'
import { folderNameOf } from '../platform/xdg.ts'
import type { BackupSettings } from '../settings/settings.ts'
import { err, type Result } from '../shared/result.ts'
import { backupFolder, noteBackup, stampOf, timeOfStamp } from '../store/state-backup.ts'
import { isLeftoverOf } from './backup.ts'

/** A backup that is to be made. */
export interface WantedBackup {
  readonly stateDir: string
  readonly target: string
  readonly withFiles: boolean
}

export interface ScheduledBackupsOptions {
  readonly stateDir: string
  readonly clock: Clock
  /** Makes one in a process of its own, so that a large database keeps nobody waiting. The error is a sentence. */
  make(wanted: WantedBackup, signal: AbortSignal): Promise<Result<true, string>>
  notice(text: string): void
  tell(text: string): void
}

/** The backups that a daemon makes by itself. */
export interface ScheduledBackups {
  /** Null: no more of them. */
  follow(settings: BackupSettings | null): void
  /** Ends one that is under way. Resolves when nothing more is written. */
  stop(): Promise<void>
}

/** The first look waits until the start is over. */
const FIRST_LOOK_MS = 20_000
const LOOK_EVERY_MS = 60_000
/** One that failed is tried again after so long, or at its next time where that comes first. */
const AGAIN_MS = 600_000

/**
 * Makes a backup whenever the newest is older than the settings say, whatever was restarted in between, and removes the
 * oldest.
 */
export function startScheduledBackups(
  options: ScheduledBackupsOptions,
  first: BackupSettings | null,
): ScheduledBackups {
  const { stateDir, clock } = options
  const prefix = `auto-${folderNameOf(stateDir)}-`
  const ending = new AbortController()
  let settings = first
  let failedAt: number | undefined
  let working: Promise<void> | undefined
  let cancel = clock.after(FIRST_LOOK_MS, look)

  function look(): void {
    cancel = clock.after(LOOK_EVERY_MS, look)
    if (settings === null || working || !isDue(settings)) return
    working = makeOne(settings)
      .catch((error: unknown) => options.notice(`backup: ${String(error)}`))
      .finally(() => {
        working = undefined
      })
  }

  function isDue({ everyMs, dir }: BackupSettings): boolean {
    const now = clock.now()
    if (failedAt !== undefined && now >= failedAt && now - failedAt < Math.min(AGAIN_MS, everyMs))
      return false
    const newest = ownIn(dir ?? backupFolder(stateDir), prefix)[0]
    // One from the future was made by a clock that was wrong.
    return newest === undefined || newest.time > now || now - newest.time >= everyMs
  }

  async function makeOne({ dir, keep, withFiles }: BackupSettings): Promise<void> {
    const folder = dir ?? backupFolder(stateDir)
    const at = clock.now()
    const file = join(folder, `${prefix}${stampOf(at)}.zip`)
    const made =
      makeFolder(folder) ?? (await options.make({ stateDir, target: file, withFiles }, ending.signal))
    if (!made.ok) removeLeftovers(file)
    if (ending.signal.aborted) return
    failedAt = made.ok ? undefined : at
    await noteBackup(stateDir, { at, file: made.ok ? file : null, error: made.ok ? null : made.error })
    if (!made.ok) {
      options.notice(`backup: ${made.error}`)
      return
    }
    const old = ownIn(folder, prefix).slice(keep)
    for (const { path } of old) rmSync(path, { force: true })
    options.tell(`backup ${file} is made${old.length === 0 ? '' : `, ${old.length} older removed`}`)
  }

  return {
    follow(wanted) {
      if (!isDeepStrictEqual(wanted, settings)) failedAt = undefined
      settings = wanted
    },
    async stop() {
      cancel()
      ending.abort()
      await working
    },
  }
}

/**
 * The backups of this state folder that were made here by themselves, newest first; those that somebody asked for are
 * not touched.
 */
function ownIn(folder: string, prefix: string): { readonly path: string; readonly time: number }[] {
  const found = namesIn(folder).flatMap((name) => {
    const time =
      name.startsWith(prefix) && name.endsWith('.zip')
        ? timeOfStamp(name.slice(prefix.length, -4))
        : undefined
    return time === undefined ? [] : [{ path: join(folder, name), time }]
  })
  return found.toSorted((a, b) => b.time - a.time)
}

/** What keeps the folder from being made; undefined when it is there. */
function makeFolder(folder: string): Result<never, string> | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return undefined
  } catch (error) {
    return err(`${folder} cannot be made: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function removeLeftovers(file: string): void {
  const folder = dirname(file)
  for (const name of namesIn(folder))
    if (isLeftoverOf(basename(file), name)) rmSync(join(folder, name), { force: true })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
