import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import { isDiskFull } from '../store/database.ts'

/** Space kept back so that the end of what runs can still be recorded when the disk is full. */
const BALLAST_BYTES = 1024 * 1024
/** How long to wait for room before trying again. */
const RETRY_MS = 2000

/** Records what has happened even when there is no room for it. */
export interface Room {
  /** Does the work; when there is no room, gives up the ballast and tries again until it succeeds. Other errors are the caller's. */
  make<T>(what: string, work: () => T): Promise<T>
  /** Puts the ballast there; nothing when there is no room for that either. */
  keep(): void
  /** Takes it away, at the end. */
  release(): void
}

export function makeRoom(stateDir: string, clock: Clock, notice: (text: string) => void): Room {
  const ballast = join(stateDir, 'ballast')

  function keep(): void {
    try {
      const file = openSync(ballast, 'w', 0o600)
      try {
        writeSync(file, Buffer.alloc(BALLAST_BYTES))
      } finally {
        closeSync(file)
      }
    } catch (error) {
      if (!isDiskFull(error)) throw error
      rmSync(ballast, { force: true })
    }
  }

  return {
    keep,
    release: () => rmSync(ballast, { force: true }),
    async make(what, work) {
      for (let attempt = 0; ; attempt++) {
        try {
          const result = work()
          if (attempt > 0) keep()
          return result
        } catch (error) {
          if (!isDiskFull(error)) throw error
          if (attempt === 0)
            notice(`${what} cannot be recorded: there is no room left on the disk of ${stateDir}`)
          rmSync(ballast, { force: true })
          if (attempt > 0) await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve))
        }
      }
    },
  }
}
