import { schedule } from 'node-cron'

/** Calls `tick` now and at every full minute. Returns what ends that. */
export function everyMinute(tick: () => Promise<void>): () => void {
  const task = schedule('* * * * *', tick, { timezone: 'UTC', noOverlap: true, name: 'schedules' })
  void tick()
  return () => void task.destroy()
}
