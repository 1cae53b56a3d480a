import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import { isMissing } from '../platform/files.ts'
import { isDiskFull } from '../store/database.ts'

/** Space kept back so that the end of what runs can still be recorded when the disk is full. */
const BALLAST_BYTES = 1024 * 1024
/** How long to wait for room before trying again. */
const RETRY_MS = 2000

/** Records what has happened even when there is no room for it. */
export interface Room {
  /** Does the work; when there is no room, gives up the ballast and tries again until it succeeds. Other errors are the caller's. */
  make<T>(what: string, work: () => T): Promise<T>
  /** Puts the ballast there; nothing when that would leave no room for others. */
  keep(): void
  /** Gives up the ballast, so that a job may start that makes room or fails with a reason; false when there is none. */
  spend(): boolean
  /** Takes it away, at the end. */
  release(): void
}

export function makeRoom(stateDir: string, clock: Clock, notice: (text: string) => void): Room {
  const ballast = join(stateDir, 'ballast')
  let state: 'never' | 'kept' | 'spent' = 'never'

  function keep(): void {
    try {
      const { bavail, bsize } = statfsSync(stateDir)
      state = bavail * bsize < 2 * BALLAST_BYTES ? 'spent' : 'kept'
      if (state === 'spent') return
      const file = openSync(ballast, 'w', 0o600)
      try {
        writeSync(file, Buffer.alloc(BALLAST_BYTES))
      } finally {
        closeSync(file)
      }
    } catch (error) {
      if (!isDiskFull(error) && !isMissing(error)) throw error
      drop()
    }
  }

  function drop(): void {
    state = 'spent'
    rmSync(ballast, { force: true })
  }

  return {
    keep,
    release: drop,
    spend() {
      const had = state === 'kept'
      drop()
      return had
    },
    async make(what, work) {
      for (let attempt = 0; ; attempt++) {
        try {
          const result = work()
          if (state === 'spent') keep()
          return result
        } catch (error) {
          if (!isDiskFull(error)) throw error
          if (attempt === 0)
            notice(`${what} cannot be recorded: there is no room left on the disk of ${stateDir}`)
          drop()
          if (attempt > 0) await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve))
        }
      }
    },
  }
}
