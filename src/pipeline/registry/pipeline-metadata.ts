import type { EngineContext } from '../context.ts'

/** What a person may change of a pipeline that exists. */
export interface PipelineMetadata {
  rename(pipelineId: number, name: string): void
}

export function makePipelineMetadata({ store, clock }: EngineContext): PipelineMetadata {
  return {
    rename: (pipelineId, name) =>
      store.write('full', () => store.pipelines.rename(pipelineId, name, clock.now())),
  }
}
