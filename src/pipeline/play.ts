import type { Job } from '../model/job.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { EngineContext } from './context.ts'
import { checkJobInputs } from './job-inputs.ts'
import type { Change } from './live.ts'
import { isRetryable, retryJob } from './retry-job.ts'
import { revive } from './revive.ts'
import { takeOver } from './take-over.ts'
import { noSuchJob } from './verb-refusals.ts'
import type { VerbOptions, VerbRefusal } from './verbs.ts'

/** GitLab: only what waits for a person or a timer, or did, is played. */
function isAction({ when }: Job): boolean {
  return when === 'manual' || when === 'delayed'
}

/** Starts a manual or delayed job now; of one that has ended, a new attempt. Returns the id of the job that will run. */
export function play(
  context: EngineContext,
  jobId: number,
  options: VerbOptions,
): Result<number, VerbRefusal> {
  const { store, live } = context
  const known = store.jobs.find(jobId)
  if (!known) return err(noSuchJob(jobId))
  if (isAction(known) && isRetryable(known)) return retryJob(context, jobId, options)
  const unfit = checkJobInputs(known, options.inputs)
  if (unfit) return err(unfit)
  takeOver(context, known.pipelineId)
  const changes: Change[] = []
  const applied = live.apply(known.pipelineId, 'full', changes, () => {
    const job = store.jobs.find(jobId)
    if (!job || !isAction(job) || job.retried) return
    if (job.status !== 'manual' && job.status !== 'scheduled') return
    giveTo(context, job, options)
    changes.push({ jobId, from: job.status, to: 'pending' })
    changes.push(...revive(context, job.pipelineId, [jobId], options.userId))
  })
  if (applied > 0) return ok(jobId)
  return err({
    reason: 'not_playable',
    message: isAction(known)
      ? `job ${jobId} cannot be started: it is ${store.jobs.statusOf(jobId) ?? 'gone'}`
      : `job ${jobId} starts by itself: it is neither manual nor delayed`,
  })
}

function giveTo({ store }: EngineContext, job: Job, options: VerbOptions): void {
  if (options.userId !== null) store.jobs.setUser(job.id, options.userId)
  if (options.variables?.length) store.jobVariables.put(job.id, 'manual', options.variables)
  if (options.inputs && Object.keys(options.inputs).length > 0) store.jobs.setInputs(job.id, options.inputs)
}

/** Takes the timer from a delayed job, which becomes manual. */
export function unschedule(context: EngineContext, jobId: number): Result<number, VerbRefusal> {
  const job = context.store.jobs.find(jobId)
  if (!job) return err(noSuchJob(jobId))
  takeOver(context, job.pipelineId)
  const applied = context.live.apply(job.pipelineId, 'full', [{ jobId, from: 'scheduled', to: 'manual' }])
  if (applied === 1) return ok(jobId)
  return err({ reason: 'not_unschedulable', message: `job ${jobId} has no timer: it is ${job.status}` })
}
