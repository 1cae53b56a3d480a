import type { Engine } from '../../pipeline/engine.ts'
import { nextRunOf } from '../../pipeline/registry/schedule-runs.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Store } from '../../store/store.ts'
import { dueRuns } from './due-runs.ts'

export interface SchedulerOptions {
  /** Read only. */
  readonly store: Store
  readonly engine: Pick<Engine, 'schedules'>
  readonly clock: Clock
  readonly isServed: (projectId: number) => boolean
  /** The most pipelines that `missed: all` makes at once. */
  readonly mostMissed: () => number
  notice(text: string): void
}

/** Makes the pipelines of all schedules that are due. The rows are the truth: a tick that never came is made up for by the next. */
export function makeSchedulerTick(options: SchedulerOptions): () => Promise<void> {
  const { store, engine, clock } = options
  let running: Promise<void> | undefined
  let lastLook = Infinity

  /** At the start, and once the clock was set back: what is planned may come from a clock that was wrong. */
  function replanFrom(now: number): void {
    for (const schedule of store.schedules.planned(now)) {
      if (schedule.nextRunAt !== nextRunOf(schedule, now)) engine.schedules.replan(schedule)
    }
  }

  async function look(): Promise<void> {
    const now = clock.now()
    if (now < lastLook) replanFrom(now)
    lastLook = now
    for (const schedule of store.schedules.due(now)) {
      if (!options.isServed(schedule.projectId)) continue
      try {
        await engine.schedules.run(schedule, dueRuns(schedule, now, options.mostMissed()))
      } catch (error) {
        // It stays due, and the next tick tries again.
        options.notice(`schedule ${schedule.id} (${schedule.description}) could not run: ${String(error)}`)
      }
    }
  }

  return () => {
    running ??= look()
      // Such as a disk that is full; the next tick looks again.
      .catch((error: unknown) => options.notice(`the schedules could not be looked at: ${String(error)}`))
      .finally(() => {
        running = undefined
      })
    return running
  }
}
