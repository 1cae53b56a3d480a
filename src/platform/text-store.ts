import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { join } from 'node:path'
import { ensurePrivateDir } from './files.ts'
import { randomToken } from './random.ts'

/** Texts kept from one process to the next. What is kept may vanish at any time; neither call ever throws. */
export interface TextStore {
  get(key: string): string | undefined
  put(key: string, text: string): void
}

export interface TextStoreLimits {
  readonly entries: number
  readonly bytes: number
}

const DEFAULT_LIMITS: TextStoreLimits = { entries: 64, bytes: 64 * 1024 * 1024 }

/**
 * A store in a folder of our own, made at the first `put`. An entry appears whole or not at all; one that is damaged, or
 * that somebody else made, is removed when it is met. The entries that were used longest ago make room for new ones.
 */
export function openTextStore(folder: string, limits: TextStoreLimits = DEFAULT_LIMITS): TextStore {
  return {
    get(key) {
      const file = join(folder, nameOf(key))
      try {
        const text = isOurs(lstatSync(file)) ? unsealed(readFileSync(file)) : undefined
        if (text === undefined) rmSync(file, { recursive: true, force: true })
        else touch(file)
        return text
      } catch {
        return undefined
      }
    },
    put(key, text) {
      const body = Buffer.from(text)
      if (body.length + SEAL_LENGTH > limits.bytes) return
      const file = join(folder, nameOf(key))
      const temporary = `${file}.${randomToken('', 9)}.tmp`
      try {
        ensurePrivateDir(folder)
        writeFileSync(temporary, Buffer.concat([Buffer.from(`${seal(body)}\n`), body]), {
          flag: 'wx',
          mode: 0o600,
        })
        chmodSync(temporary, 0o600)
        renameSync(temporary, file)
        makeRoom(folder, limits)
      } catch {
        // A full or read-only disk costs the time that the store would have saved, and nothing else.
        forget(temporary)
      }
    },
  }
}

function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

function seal(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

/** The seal's digits and the line feed behind them. */
const SEAL_LENGTH = 65

function unsealed(bytes: Buffer): string | undefined {
  const body = bytes.subarray(SEAL_LENGTH)
  return bytes.toString('latin1', 0, SEAL_LENGTH) === `${seal(body)}\n` ? body.toString('utf8') : undefined
}

function isOurs(stats: Stats): boolean {
  return stats.isFile() && (stats.mode & 0o077) === 0 && stats.uid === process.getuid?.()
}

function touch(file: string): void {
  const now = new Date()
  utimesSync(file, now, now)
}

function makeRoom(folder: string, { entries, bytes }: TextStoreLimits): void {
  const files = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats === undefined ? [] : [{ path, size: stats.size, usedAt: stats.mtimeMs }]
  })
  files.sort((a, b) => b.usedAt - a.usedAt)
  let total = 0
  for (const [index, { path, size }] of files.entries()) {
    total += size
    if (index >= entries || total > bytes) forget(path)
  }
}

function forget(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // Another process was faster, or may do it later.
  }
}
