import type { EngineContext } from './context.ts'
import type { Change } from './live.ts'

/**
 * GitLab: what was skipped in the stages after these jobs, or needs them, is looked at again when they start anew; it then belongs
 * to whoever started them. To be called inside the transaction of `apply`.
 */
export function revive(
  { store, live }: EngineContext,
  pipelineId: number,
  jobIds: readonly number[],
  userId: number | null,
): Change[] {
  const skipped = new Set(jobIds.flatMap((id) => live.skippedAfter(pipelineId, id)))
  return [...skipped].map((id) => {
    if (userId !== null) store.jobs.setUser(id, userId)
    return { jobId: id, from: 'skipped', to: 'created' }
  })
}
