import { isCancelable } from '../model/status.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { canceledFrom } from './cancel.ts'
import type { EngineContext } from './context.ts'
import type { LocalCoordinator } from './coordinator.ts'
import type { Change } from './live.ts'
import { killSurvivor, takeOver } from './take-over.ts'
import { noSuchJob } from './verb-refusals.ts'
import type { VerbRefusal } from './verbs.ts'

/**
 * Ends one job; GitLab: a manual one too, which the cancel of its pipeline leaves alone. With `force` also one that is being
 * canceled already: its processes are killed, and after_script with them.
 */
export function cancelJob(
  context: EngineContext,
  coordinator: LocalCoordinator,
  jobId: number,
  force: boolean,
): Result<number, VerbRefusal> {
  const { store, live } = context
  const known = store.jobs.find(jobId)
  if (!known) return err(noSuchJob(jobId))
  takeOver(context, known.pipelineId)
  const changes: Change[] = []
  const applied = live.apply(known.pipelineId, 'full', changes, () => {
    const status = store.jobs.statusOf(jobId)
    if (status === undefined) return
    if (status === 'canceling' && force) changes.push({ jobId, from: status, to: 'canceled' })
    else if (status === 'manual' || isCancelable(status))
      changes.push({ jobId, from: status, to: canceledFrom(status, known.kind) })
  })
  if (applied === 0)
    return err({
      reason: 'not_cancelable',
      message: `job ${jobId} cannot be canceled: it is ${known.status}`,
    })
  if (changes[0]?.from === 'canceling') {
    coordinator.killJob(jobId)
    const process = store.jobs.processOf(jobId)
    if (process) killSurvivor(process)
  }
  return ok(jobId)
}
