import type { FailureReason } from '../model/failure-reason.ts'
import { isCompleted, type Status } from '../model/status.ts'
import type { EngineContext } from './context.ts'
import { environmentSucceeded } from './environments/succeed.ts'
import { finishJob } from './finish.ts'
import type { Change } from './live.ts'
import { takeOver } from './take-over.ts'

/**
 * Brings a bridge into another status, if it still is in the one given. One that waits again after it had ended takes those with it
 * that were skipped because of that. False when somebody was faster.
 */
export function moveBridge(
  context: EngineContext,
  { id, pipelineId, status }: { readonly id: number; readonly pipelineId: number; readonly status: Status },
  to: Status,
  reason: FailureReason = 'unknown_failure',
): boolean {
  const { store, live } = context
  if (store.jobs.statusOf(id) !== status) return false
  // A child that is run again in another process than before brings its parent along.
  takeOver(context, pipelineId)
  const job = isCompleted(status) ? undefined : store.jobs.find(id)
  // Also what `on_job_failure` asks for.
  if (job && to === 'failed') return finishJob(context, job, { state: 'failed', reason, exitCode: null })
  const move: Change = { jobId: id, from: status, to, ...(to === 'failed' ? { failureReason: reason } : {}) }
  const revived = isCompleted(status) && !isCompleted(to) ? live.skippedAfter(pipelineId, id) : []
  const changes = [move, ...revived.map((jobId): Change => ({ jobId, from: 'skipped', to: 'created' }))]
  const alongside = job && to === 'success' ? () => environmentSucceeded(context, job) : undefined
  return live.apply(pipelineId, isCompleted(to) ? 'full' : 'normal', changes, alongside) > 0
}
