import type { EngineContext } from './context.ts'

/** The one place where time acts: starts delayed jobs when their instant comes. Timers are rebuilt from rows, never kept as truth. */
export interface Ticker {
  /** Looks at the rows and sets the timer for the next instant at which something is due. */
  look(): void
  stop(): void
}

/** Longest wait of one timer; also bounds the harm of a clock that was set. */
const LONGEST_WAIT_MS = 60_000

export function makeTicker(context: EngineContext): Ticker {
  const { store, clock, live, processId } = context
  let cancel: (() => void) | undefined
  let timerAt = Infinity

  function tick(): void {
    cancel = undefined
    timerAt = Infinity
    for (const { id, pipelineId } of store.jobs.due(processId, clock.now())) {
      live.apply(pipelineId, 'normal', [{ jobId: id, from: 'scheduled', to: 'pending' }])
    }
    look()
  }

  function look(): void {
    const next = store.jobs.nextScheduledAt(processId)
    if (next === null) return
    const at = Math.min(next, clock.now() + LONGEST_WAIT_MS)
    if (at >= timerAt) return
    cancel?.()
    timerAt = at
    cancel = clock.after(Math.max(0, at - clock.now()), tick)
  }

  return {
    look,
    stop() {
      cancel?.()
      cancel = undefined
    },
  }
}
