import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../store/store.ts'

/** What may be kept of a state folder's past. */
export interface PruneLimits {
  readonly pipelines: number
  /** Logs and artifacts together. */
  readonly bytes: number
}

/**
 * Removes settled pipelines beyond the newest, and beyond the bytes that the newest ones leave. The newest one always stays.
 * Files go before rows: a row without its file can be removed again, a file without its row would never be found.
 * Returns the ids removed.
 */
export function prunePipelines(store: Store, limits: PruneLimits): number[] {
  let bytes = 0
  const removed: number[] = []
  for (const [index, pipelineId] of store.pipelines.settledIds().entries()) {
    bytes += store.artifacts.bytesOfPipeline(pipelineId) + store.jobs.traceBytesOf(pipelineId)
    if (index === 0 || (index < limits.pipelines && bytes <= limits.bytes)) continue
    removeFiles(store, pipelineId)
    store.write('normal', () => store.pipelines.remove(pipelineId))
    removed.push(pipelineId)
  }
  return removed
}

function removeFiles(store: Store, pipelineId: number): void {
  for (const { id, createdAt } of store.jobs.filesOf(pipelineId)) {
    store.traces.remove(store.traces.pathOf({ id, createdAt }))
    for (const artifact of store.artifacts.ofJob(id))
      rmSync(join(store.stateDir, artifact.path), { recursive: true, force: true })
  }
}
