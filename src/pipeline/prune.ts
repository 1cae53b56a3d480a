import type { Store } from '../store/store.ts'
import { selfAndUpstreams } from './hierarchy.ts'
import { removeArtifactFiles } from './keep-artifacts.ts'

/** What may be kept of a state folder's past. */
export interface PruneLimits {
  readonly pipelines: number
  /** Logs and artifacts together. */
  readonly bytes: number
}

/**
 * Removes settled pipelines beyond the newest, and beyond the bytes that the newest ones leave. The newest one always stays. What
 * trigger jobs have started counts as one with the pipeline that it comes from.
 * Files go before rows: a row without its file can be removed again, a file without its row would never be found.
 * Returns the ids removed.
 */
export function prunePipelines(store: Store, limits: PruneLimits): number[] {
  let bytes = 0
  const removed: number[] = []
  const roots = new Set<number>()
  for (const { pipelineId, rootId } of newestFirst(store)) {
    roots.add(rootId)
    bytes += store.artifacts.bytesOfPipeline(pipelineId) + store.jobs.traceBytesOf(pipelineId)
    if (roots.size === 1 || (roots.size <= limits.pipelines && bytes <= limits.bytes)) continue
    removeFiles(store, pipelineId)
    store.write('normal', () => store.pipelines.remove(pipelineId))
    removed.push(pipelineId)
  }
  return removed
}

/** A pipeline stands beside those that it started, which are younger than others that came after it. */
function newestFirst(store: Store): { readonly pipelineId: number; readonly rootId: number }[] {
  const settled = store.pipelines.settledIds().map((pipelineId) => {
    const pipeline = store.pipelines.find(pipelineId)
    const root =
      pipeline && pipeline.parentJobId !== null ? selfAndUpstreams(store, pipeline).at(-1) : undefined
    return { pipelineId, rootId: root?.id ?? pipelineId }
  })
  return settled.toSorted((one, other) => other.rootId - one.rootId || one.pipelineId - other.pipelineId)
}

/** Removes the logs and artifacts of a pipeline's jobs from the disk. */
export function removeFiles(store: Store, pipelineId: number): void {
  for (const { id, createdAt } of store.jobs.filesOf(pipelineId)) {
    store.traces.remove(store.traces.pathOf({ id, createdAt }))
    for (const artifact of store.artifacts.ofJob(id)) removeArtifactFiles(store.stateDir, artifact)
  }
}
