import type { EngineLimits } from '../model/limits.ts'
import type { EngineContext } from './context.ts'
import { finishJob } from './finish.ts'
import type { ForeignChanges } from './foreign.ts'
import { makeSteadiness } from './steadiness.ts'
import { endStuck } from './stuck.ts'

/** The one place where time acts: delayed jobs, jobs that are stuck, what other processes did. Timers are rebuilt from rows, never kept as truth. */
export interface Ticker {
  /** Looks at the delayed jobs and sets the timer for the next instant at which one is due. */
  look(): void
  /** Begins to look about regularly. */
  start(): void
  stop(): void
}

/** Longest wait of one timer; also bounds the harm of a clock that was set. */
const LONGEST_WAIT_MS = 60_000
/** How soon this process sees what others have written. */
const BEAT_MS = 1000
/** What takes hours to be stuck is looked for every minute; with shorter limits as often as the shortest of them asks. */
const STUCK_LOOK_MS = 60_000

export function makeTicker(
  context: EngineContext,
  foreign: ForeignChanges,
  /** Whether a runner of this process has the job in hand: it will report by itself. */
  holds: (jobId: number) => boolean,
): Ticker {
  const { store, clock, live, limits, processId } = context
  const steadiness = makeSteadiness(clock)
  let cancel: (() => void) | undefined
  let cancelBeat: (() => void) | undefined
  let timerAt = Infinity
  let stuckLookAt = clock.monotonic()

  /** GitLab fails a delayed job that is much too late; one that only seems so, because the clock was set, starts. */
  function startDue(wasSet: boolean): void {
    const now = clock.now()
    for (const { id, pipelineId, scheduledAt } of store.jobClock.due(processId, now)) {
      const late = now - scheduledAt > limits.lateScheduleSeconds * 1000
      const job = late && !wasSet ? store.jobs.find(id) : undefined
      if (job) finishJob(context, job, { state: 'failed', reason: 'stale_schedule', exitCode: null })
      else live.apply(pipelineId, 'normal', [{ jobId: id, from: 'scheduled', to: 'pending' }])
    }
  }

  /** What was put off by an hour waits an hour, also when the clock is set back meanwhile. */
  function noteClock(): boolean {
    const drift = steadiness.look()
    if (drift < 0) store.write('normal', () => store.jobClock.shiftSchedule(processId, Math.round(drift)))
    return drift !== 0
  }

  /** Whatever goes wrong once (a full disk) is tried again the next time. */
  function attempt(deed: () => void): boolean {
    try {
      deed()
      return true
    } catch (error) {
      context.notice(`a look at the clock failed: ${error instanceof Error ? error.message : String(error)}`)
      return false
    }
  }

  function tick(): void {
    cancel = undefined
    timerAt = Infinity
    const done = attempt(() => startDue(noteClock()))
    look(done ? 0 : clock.now() + BEAT_MS)
  }

  function look(notBefore = 0): void {
    const next = store.jobClock.nextScheduledAt(processId)
    if (next === null) return
    const at = Math.min(Math.max(next, notBefore), clock.now() + LONGEST_WAIT_MS)
    if (at >= timerAt) return
    cancel?.()
    timerAt = at
    cancel = clock.after(Math.max(0, at - clock.now()), tick)
  }

  function beat(): void {
    cancelBeat = clock.after(BEAT_MS, beat)
    attempt(() => {
      if (noteClock()) startDue(true)
      foreign.look()
      if (clock.monotonic() - stuckLookAt < stuckLookMs(limits)) return
      stuckLookAt = clock.monotonic()
      endStuck(context, holds, steadiness.steadyMs())
    })
  }

  return {
    look: () => look(),
    start() {
      cancelBeat?.()
      cancelBeat = clock.after(BEAT_MS, beat)
    },
    stop() {
      cancel?.()
      cancelBeat?.()
      cancel = undefined
      cancelBeat = undefined
    },
  }
}

function stuckLookMs(limits: EngineLimits): number {
  const { pendingSeconds, pendingWithoutRunnerSeconds, silentSeconds, cancelingSeconds, overtimeSeconds } =
    limits
  const shortest = Math.min(
    pendingSeconds,
    pendingWithoutRunnerSeconds,
    silentSeconds,
    cancelingSeconds,
    overtimeSeconds,
  )
  return Math.min(STUCK_LOOK_MS, shortest * 1000)
}
