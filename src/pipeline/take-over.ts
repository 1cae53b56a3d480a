import { jobMarker, MARKER } from '../platform/job-marker.ts'
import { killMarked } from '../platform/process.ts'
import { isAlive, type ProcessIdentity } from '../platform/process-identity.ts'
import type { RunningJob } from '../store/job-processes.ts'
import type { EngineContext } from './context.ts'
import { finishJob } from './finish.ts'
import { familyOf } from './hierarchy.ts'
import { isAtWork } from './resource.ts'

/**
 * Makes this process the owner of a pipeline whose owner has ended, and of its parents and children: its manual jobs can be played
 * and its jobs retried here. The pipelines of processes that are at work stay theirs; they see what is changed in the rows.
 */
export function takeOver(context: EngineContext, pipelineId: number): void {
  const pipeline = isOrphan(context, pipelineId) && context.store.pipelines.find(pipelineId)
  if (!pipeline) return
  for (const id of familyOf(context.store, pipeline)) if (isOrphan(context, id)) adopt(context, id)
}

function isOrphan({ store, processId }: EngineContext, pipelineId: number): boolean {
  const owner = store.pipelines.ownershipOf(pipelineId)?.owner ?? null
  return owner !== null && owner !== processId && !isAtWork(store, owner)
}

function adopt(context: EngineContext, pipelineId: number): void {
  const { store, processId } = context
  const owner = store.pipelines.ownershipOf(pipelineId)?.owner ?? 0
  const former = store.processes.find(owner)
  const lost = store.jobs.runningOfPipeline(pipelineId)
  for (const job of lost) killSurvivor(job)
  if (former && lost.length > 0) killDescendants(context, former)
  store.write('full', () => store.pipelines.setOwner(pipelineId, processId))
  context.live.forget(pipelineId)
  for (const job of lost) endLost(context, job)
  giveBack(context, pipelineId)
}

/** Ends a job whose process died, as failed: `retry:when` applies. */
export function endLost(context: EngineContext, { id }: RunningJob): void {
  const { store } = context
  const job = store.jobs.find(id)
  if (!job) return
  store.jobs.setTraceSize(id, store.traces.sizeOf(store.traces.pathOf(job)))
  finishJob(context, job, { state: 'failed', reason: 'runner_system_failure', exitCode: null })
}

/** Lets jobs that had been given a resource and not begun wait for it again: somebody else may have it by now. */
export function giveBack({ store, live }: EngineContext, pipelineId: number): void {
  const given = store.jobs
    .headsOf(pipelineId)
    .filter(({ status, resourceGroup }) => status === 'pending' && resourceGroup !== null)
  if (given.length === 0) return
  live.apply(
    pipelineId,
    'normal',
    given.map(({ id }) => ({ jobId: id, from: 'pending', to: 'waiting_for_resource' })),
  )
}

/** Kills all that jobs of a process that died have started, and that left their groups. */
export function killDescendants(
  { killMarked: kill = killMarked }: EngineContext,
  former: ProcessIdentity,
): void {
  kill(`${MARKER}=${jobMarker(former)}`)
}

/** Ends what has outlived the process that started it. */
export function killSurvivor(job: RunningJob): void {
  if (job.pid === null || job.pidStart === null || job.bootId === null) return
  // Never by pid alone: the number may belong to somebody else by now.
  if (!isAlive({ pid: job.pid, pidStart: job.pidStart, bootId: job.bootId })) return
  try {
    process.kill(-job.pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
