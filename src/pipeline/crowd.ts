import type { EngineContext } from './context.ts'

/** Whether requests for pipelines are refused because too many wait. */
export interface Crowd {
  isTooLarge(): boolean
  /** To be called for each pipeline that is made, or may be. */
  joined(): void
}

/** Counting takes the longer the more there are, so it is put off until the limit can have been reached. */
export function makeCrowd({ store, limits }: Pick<EngineContext, 'store' | 'limits'>): Crowd {
  let atMost = Infinity
  return {
    isTooLarge() {
      if (atMost >= limits.waitingPipelines) atMost = store.pipelines.countUnfinished(limits.waitingPipelines)
      return atMost >= limits.waitingPipelines
    },
    joined: () => void atMost++,
  }
}
