import type { TriggerRequest } from '../../model/provenance.ts'
import type { RecordedAnswer } from '../../store/trigger-requests.ts'
import type { EngineContext } from '../context.ts'

const DAY_MS = 24 * 3600_000
const HOUR_MS = 3600_000
/** So many requests come between two looks at how much is kept. */
const LOOK_EVERY = 1000

/** What is kept of the requests to trigger routes: for so many days, so many bytes, so many refusals. */
export interface Deliveries {
  /** Keeps one that made no pipeline, or was answered with an earlier one. */
  record(request: TriggerRequest, answer: Omit<RecordedAnswer, 'ms'>): void
  /** To be called for each one that is kept elsewhere. */
  noted(): void
  /** Forgets what is too old and what is too much. */
  prune(): void
  /** Prunes now and every hour. */
  start(): void
  stop(): void
}

export function makeDeliveries({
  store,
  clock,
  limits,
  notice,
}: Pick<EngineContext, 'store' | 'clock' | 'limits' | 'notice'>): Deliveries {
  let sinceLook = 0
  let cancel: (() => void) | undefined

  function prune(): void {
    sinceLook = 0
    store.write('normal', () => {
      store.triggerRequests.forgetBefore(clock.now() - limits.deliveryDays * DAY_MS)
      store.triggerRequests.keepRefused(limits.refusedDeliveries)
      const over = store.triggerRequests.bytes() - limits.deliveryBytes
      // Somewhat more than needed, so that the next request is not the next occasion.
      if (over > 0) store.triggerRequests.free(over + limits.deliveryBytes / 20)
    })
  }

  function tryPrune(): void {
    try {
      prune()
    } catch (error) {
      notice(`old trigger requests could not be removed: ${String(error)}`)
    }
  }

  function noted(): void {
    sinceLook++
    if (sinceLook >= LOOK_EVERY) tryPrune()
  }

  return {
    record(request, answer) {
      const ms = Math.max(0, clock.now() - request.receivedAt)
      store.write('normal', () => void store.triggerRequests.add(request, { ...answer, ms }))
      noted()
    },
    noted,
    prune,
    start() {
      tryPrune()
      const next = (): void => {
        tryPrune()
        cancel = clock.after(HOUR_MS, next)
      }
      cancel = clock.after(HOUR_MS, next)
    },
    stop() {
      cancel?.()
      cancel = undefined
    },
  }
}
