import type { App } from '../app.ts'
import type { Pipeline } from '../model/pipeline.ts'

/** The pipeline of a run, and those that its trigger jobs start, also in their turn. */
export interface RunFamily {
  /** Whether a pipeline belongs to it; asked of every event. */
  has(pipelineId: number): boolean
  /** What stands before the names of a pipeline's jobs: the trigger jobs that lead to it, `deploy/`; nothing for the run's own. */
  prefixOf(pipelineId: number): string
  /** All of them, the run's own first, each before those that it started. */
  all(): Pipeline[]
}

/** `onStarted` is called once for each pipeline that a trigger job has started, as soon as something happens to it. */
export function runFamily(
  { store }: App,
  rootId: number,
  onStarted: (pipeline: Pipeline, prefix: string) => void = () => undefined,
): RunFamily {
  const prefixes = new Map<number, string | undefined>([[rootId, '']])

  function find(pipelineId: number): string | undefined {
    if (prefixes.has(pipelineId)) return prefixes.get(pipelineId)
    const pipeline = store.pipelines.find(pipelineId)
    const startedBy = pipeline?.parentJobId ?? null
    const job = startedBy === null ? undefined : store.jobs.find(startedBy)
    const before = job && find(job.pipelineId)
    const prefix = job && before !== undefined ? `${before}${job.name}/` : undefined
    prefixes.set(pipelineId, prefix)
    if (pipeline && prefix !== undefined) onStarted(pipeline, prefix)
    return prefix
  }

  return {
    has: (pipelineId) => find(pipelineId) !== undefined,
    prefixOf: (pipelineId) => find(pipelineId) ?? '',
    all() {
      const root = store.pipelines.find(rootId)
      const found = root ? [root] : []
      for (const { id } of found) found.push(...store.pipelines.startedFrom(id))
      return found
    },
  }
}
