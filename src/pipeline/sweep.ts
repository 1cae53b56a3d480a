import { sweepArtifacts } from './artifact-expiry.ts'
import type { EngineContext } from './context.ts'
import type { Environments } from './environments/stop.ts'

/** What becomes old by itself: artifacts expire, environments stop. */
export interface Sweeper {
  /** Does what is due, and sets the timer for what will be. */
  start(): void
  /** Something was made that may become old sooner than the timer thinks. */
  look(): void
  /** Does what is due, once. Never rejects. */
  once(): Promise<void>
  stop(): void
}

/** Longest wait of one timer; also bounds the harm of a clock that was set, and what is made meanwhile waits no longer. */
const LONGEST_WAIT_MS = 60_000
/** What could not be done now is not tried again at once. */
const SHORTEST_WAIT_MS = 1_000

/** GitLab does the same with two cron workers. */
export function makeSweeper(context: EngineContext, environments: Pick<Environments, 'stop'>): Sweeper {
  const { store, clock } = context
  let cancel: (() => void) | undefined
  let timerAt = Infinity
  let started = false
  let busy = false
  let stopped = false

  async function once(): Promise<void> {
    try {
      for (const { id } of store.environments.dueToStop(clock.now())) environments.stop(id, { userId: null })
      await sweepArtifacts(context)
    } catch (error) {
      if (!stopped) context.notice(`removing what has expired: ${String(error)}`)
    }
  }

  function wait(): void {
    timerAt = Infinity
    look()
  }

  function look(): void {
    if (!started || stopped || busy) return
    const now = clock.now()
    const next = Math.min(
      store.environments.nextStopAt() ?? Infinity,
      store.artifacts.nextExpiryAfter(now) ?? Infinity,
      now + LONGEST_WAIT_MS,
    )
    const at = Math.max(now + SHORTEST_WAIT_MS, next)
    if (at >= timerAt) return
    cancel?.()
    timerAt = at
    cancel = clock.after(at - now, () => void round())
  }

  async function round(): Promise<void> {
    busy = true
    await once()
    busy = false
    wait()
  }

  return {
    start() {
      started = true
      void round()
    },
    look,
    once,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
