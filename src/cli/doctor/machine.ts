import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { freeBytes } from '../../platform/disk.ts'
import { portOwner } from '../../platform/port-owner.ts'
import type { ListenAddress } from '../../settings/settings.ts'
import { broken, doubtful, fine, type Finding } from './finding.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2

/** The port that the daemon would listen on. `own`: the pid of the daemon that may have it. */
export async function checkPort({ host, port }: ListenAddress, own: number | undefined): Promise<Finding> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const problem = await tryPort(host, port)
  if (problem === undefined) return fine('port', `${address} is free`)
  const other = '--listen HOST:PORT chooses another; port 0 picks a free one'
  if (problem !== 'EADDRINUSE') return broken('port', `cannot listen on ${address}: ${problem}`, other)
  const owner = portOwner(host, port)
  if (own !== undefined && owner?.pid === own)
    return fine('port', `${address} is answered by the daemon, process ${own}`)
  const by = owner ? `process ${owner.pid} (${owner.command})` : 'a process that cannot be seen from here'
  return doubtful('port', `${address} is taken by ${by}`, other)
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** Room where a folder is, or will be. */
export async function checkDisk(what: string, folder: string): Promise<Finding> {
  const check = `disk of ${what}`
  try {
    return judgeDisk(check, folder, await freeBytes(folder))
  } catch (error) {
    return doubtful(
      check,
      `${folder}: ${error instanceof Error ? error.message : String(error)}`,
      'choose another folder',
    )
  }
}

export function judgeDisk(check: string, folder: string, free: number): Finding {
  const text = `${free >= GIB ? `${(free / GIB).toFixed(1)} GiB` : `${Math.floor(free / MIB)} MiB`} free at ${folder}`
  const fix = 'make room, let less be kept (`retention:`), or choose a folder on another disk'
  if (free < 100 * MIB) return broken(check, text, fix)
  return free < GIB ? doubtful(check, text, fix) : fine(check, text)
}

const DAY_MS = 24 * 3_600_000
/** Nobody runs a version for so long without a newer one. */
const LONG_AGO_MS = 5 * 365 * DAY_MS
/** Of two clocks that are set by the network, and of file systems that round. */
const TOLERANCE_MS = 60_000

/**
 * Schedules live by the clock and by the rules of time zones. `built`: when this program was made; `written`: when the
 * daemon wrote to its database for the last time, 0 when it never did. In ms.
 */
export function checkClock(now: number, built: number, written = 0): Finding {
  const wrong =
    now < built - DAY_MS
      ? 'before this version was made'
      : now < written - TOLERANCE_MS
        ? `before the daemon last wrote to its database, at ${new Date(written).toISOString()}`
        : built > 0 && now > built + LONG_AGO_MS
          ? 'years after this version was made'
          : undefined
  if (wrong !== undefined) {
    const text = `the clock says ${new Date(now).toISOString()}, ${wrong}`
    return broken('clock', text, 'set it: timedatectl set-ntp true')
  }
  const summer = zoneOffset('America/New_York', Date.UTC(2026, 6, 1))
  const winter = zoneOffset('America/New_York', Date.UTC(2026, 0, 1))
  if (summer === 'GMT-04:00' && winter === 'GMT-05:00')
    return fine('clock', `${new Date(now).toISOString()}, time zones known`)
  return broken(
    'clock',
    'this Node knows no time zones: schedules in other zones than UTC would be wrong',
    'use a Node with full ICU (the official builds have it)',
  )
}

function zoneOffset(zone: string, at: number): string {
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      timeZoneName: 'longOffset',
    }).formatToParts(at)
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  } catch {
    return ''
  }
}

/** When a file was made; 0 when that cannot be said. */
export function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Enough for 200 repositories, each with a folder for branches in a folder for branches. */
const WATCHES = 8192
const INSTANCES = 128

export function checkInotify(folder = '/proc/sys/fs/inotify'): Finding {
  const watches = readNumber(`${folder}/max_user_watches`)
  const instances = readNumber(`${folder}/max_user_instances`)
  if (watches === undefined || instances === undefined) return fine('inotify', 'no such limits here')
  const text = `${watches} watches, ${instances} instances`
  if (watches >= WATCHES && instances >= INSTANCES) return fine('inotify', text)
  return doubtful(
    'inotify',
    `${text}: of many repositories, changes may be seen late`,
    `sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`,
  )
}

/** Each repository, job and connection needs some. */
const FILES = 1024

export function checkOpenFiles(limits = '/proc/self/limits'): Finding {
  const line = readText(limits)?.match(/^Max open files\s+(\d+|unlimited)/m)?.[1]
  if (line === undefined) return fine('open files', 'no such limit here')
  if (line === 'unlimited' || Number(line) >= FILES) return fine('open files', `${line} at a time`)
  return doubtful('open files', `only ${line} at a time`, 'ulimit -n 4096, or LimitNOFILE= in the unit')
}

function readNumber(path: string): number | undefined {
  const text = readText(path)
  return text === undefined ? undefined : Number(text)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
