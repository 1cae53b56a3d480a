import { isAlive } from '../platform/process-identity.ts'
import type { EngineContext } from './context.ts'
import { endLost, giveBack, killDescendants, killSurvivor } from './take-over.ts'

/**
 * Takes over from processes that died: their running jobs end as failed (`runner_system_failure`), what survived of them is
 * killed first. The pipelines of a dead daemon then go on in the next daemon; those of a dead `sluice run` end, since nobody
 * waits for them. To be called before anything is accepted. Returns the pipelines that were committed and not moved on at all.
 */
export function recover(context: EngineContext, kind: 'run' | 'serve'): number[] {
  const { store, clock, processId } = context
  const untouched: number[] = []
  for (const owner of store.processes.unended()) {
    if (owner.id === processId || isAlive(owner)) continue
    if (owner.kind === 'serve' && kind === 'run') continue
    const lost = store.jobs.runningOf(owner.id)
    for (const job of lost) killSurvivor(job)
    if (lost.length > 0) killDescendants(context, owner)
    const unfinished = store.pipelines.unfinishedOf(owner.id)
    store.write('full', () => {
      store.pipelines.adopt(owner.id, processId)
      store.processes.end(owner.id, clock.now())
    })
    for (const job of lost) endLost(context, job)
    for (const pipelineId of unfinished) {
      if (owner.kind === 'run') endWaiting(context, pipelineId)
      giveBack(context, pipelineId)
      if (owner.kind === 'serve' && isUntouched(context, pipelineId)) untouched.push(pipelineId)
      else context.live.apply(pipelineId, 'normal', [])
    }
  }
  const waiting = store.resourceGroups.waitingOf(processId)
  if (waiting.length > 0) context.live.grant(waiting)
  return untouched
}

function isUntouched({ store }: EngineContext, pipelineId: number): boolean {
  if (store.pipelines.ownershipOf(pipelineId)?.status !== 'created') return false
  return store.jobs.headsOf(pipelineId).every(({ status }) => status === 'created')
}

function endWaiting({ store, live }: EngineContext, pipelineId: number): void {
  const waiting = store.jobs
    .headsOf(pipelineId)
    .filter(
      ({ status, kind }) =>
        ['created', 'waiting_for_resource', 'pending', 'scheduled'].includes(status) ||
        (status === 'running' && kind === 'bridge'),
    )
  live.apply(
    pipelineId,
    'normal',
    waiting.map((job) => ({ jobId: job.id, from: job.status, to: 'canceled' as const })),
  )
}
