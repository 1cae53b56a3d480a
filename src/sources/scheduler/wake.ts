import { schedule } from 'node-cron'

const MINUTE = 60_000

/**
 * Calls `tick` now and at every full minute, never twice at once. Returns what ends that. A clock that is set back or ahead, or a
 * machine that slept, costs a minute at most.
 */
export function everyMinute(tick: () => Promise<void>): () => void {
  let disarm = (): void => undefined
  let ended = false

  async function wake(): Promise<void> {
    disarm()
    try {
      await tick()
    } finally {
      if (!ended) disarm = atNextMinute(() => void wake())
    }
  }

  void wake()
  return () => {
    ended = true
    disarm()
  }
}

/**
 * One task for one minute, with a timer beside it that nobody's clock reaches. A task of every minute waits until a clock that
 * was set back has come round again, and takes a minute of one that was set ahead after the other.
 */
function atNextMinute(wake: () => void): () => void {
  const next = new Date((Math.floor(Date.now() / MINUTE) + 1) * MINUTE)
  const task = schedule(
    `${next.getUTCMinutes()} ${next.getUTCHours()} ${next.getUTCDate()} ${next.getUTCMonth() + 1} *`,
    wake,
    { timezone: 'UTC', name: 'schedules', suppressMissedWarning: true },
  )
  const timer = setTimeout(wake, MINUTE)
  return () => {
    clearTimeout(timer)
    void task.destroy()
  }
}
