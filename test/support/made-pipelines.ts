import type { Pipeline } from '../../src/model/pipeline.ts'
import type { TestEngine } from './engine.ts'

/** The pipelines that something makes of project 9, and the wait for one of them. */
export function madePipelines({ store, engine }: Pick<TestEngine, 'store' | 'engine'>): {
  pipelines(): Pipeline[]
  /** The pipeline with this number, as soon as it is there. */
  pipeline(count: number): Promise<Pipeline>
} {
  const pipelines = (): Pipeline[] => store.pipelines.newest(9, 1000).toReversed()
  return {
    pipelines,
    pipeline: (count) =>
      new Promise((resolve) => {
        const check = (): boolean => {
          const found = pipelines()[count - 1]
          if (found) resolve(found)
          return found !== undefined
        }
        if (check()) return
        const stop = engine.events.on(() => {
          if (check()) stop()
        })
      }),
  }
}
