import { isCancelable } from '../model/status.ts'
import type { EngineContext } from './context.ts'
import type { Change } from './live.ts'

/**
 * Cancels what of a pipeline can be canceled. GitLab: manual jobs stay manual; a running job becomes `canceling` until its
 * runner has run after_script and reported. Returns the ids of the jobs that a runner has to end.
 */
export function cancelPipeline(context: EngineContext, pipelineId: number): number[] {
  const { store, live } = context
  if (!store.pipelines.find(pipelineId)) return []
  const changes = store.jobs
    .headsOf(pipelineId)
    .filter((job) => isCancelable(job.status))
    .map((job): Change => ({
      jobId: job.id,
      from: job.status,
      to: job.status === 'running' ? 'canceling' : 'canceled',
    }))
  if (changes.length > 0) live.apply(pipelineId, 'full', changes)
  return changes.filter((change) => change.to === 'canceling').map((change) => change.jobId)
}
