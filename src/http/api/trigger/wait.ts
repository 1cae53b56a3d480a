import type { ServerResponse } from 'node:http'
import { isCompleted, type Status } from '../../../model/status.ts'
import type { HttpOptions } from '../../options.ts'

/** A job in one of these moves on without a person. */
const MOVING: readonly Status[] = [
  'pending',
  'preparing',
  'running',
  'canceling',
  'waiting_for_resource',
  'waiting_for_callback',
  'scheduled',
]

/** How the waiting ended: nothing more happens by itself, the time was over, or too many wait already. */
export type Waited = 'finished' | 'timeout' | 'full'

/** Holds answers until their pipelines have ended; one for the whole server. */
export interface Waiters {
  /** Resolves at the latest after so many seconds, and at once when the caller goes away. */
  untilSettled(pipelineId: number, seconds: number, response: ServerResponse): Promise<Waited>
}

export function makeWaiters({
  store,
  engine,
  clock,
  limits,
}: Pick<HttpOptions, 'store' | 'engine' | 'clock' | 'limits'>): Waiters {
  let waiting = 0
  return {
    async untilSettled(pipelineId, seconds, response) {
      if (isSettled(store, pipelineId)) return 'finished'
      if (waiting >= limits.waitingAnswers) return 'full'
      waiting++
      const undo: (() => void)[] = []
      try {
        return await new Promise<Waited>((resolve) => {
          undo.push(
            engine.events.on((event) => {
              if (event.type !== 'trace' && event.pipelineId === pipelineId && isSettled(store, pipelineId))
                resolve('finished')
            }),
            clock.after(seconds * 1000, () => resolve('timeout')),
          )
          const gone = (): void => resolve('timeout')
          response.once('close', gone)
          undo.push(() => response.off('close', gone))
        })
      } finally {
        waiting--
        for (const each of undo) each()
      }
    },
  }
}

/** Completed, or blocked by manual jobs only. A pipeline that is gone is, too. */
function isSettled(store: HttpOptions['store'], pipelineId: number): boolean {
  const pipeline = store.pipelines.find(pipelineId)
  if (!pipeline || isCompleted(pipeline.status)) return true
  if (pipeline.status !== 'manual') return false
  return !store.jobs.headsOf(pipelineId).some((job) => MOVING.includes(job.status))
}
