import type { Job } from '../model/job.ts'
import { isCompleted } from '../model/status.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { Store } from '../store/store.ts'
import type { EngineContext } from './context.ts'
import { removeArtifactFiles } from './keep-artifacts.ts'
import { noSuchJob } from './verb-refusals.ts'
import type { VerbRefusal } from './verbs.ts'

/** Removes the log, the artifacts and the reports of a job that has ended. GitLab: only where there is something to remove. */
export function erase({ store, clock }: EngineContext, jobId: number): Result<number, VerbRefusal> {
  const job = store.jobs.find(jobId)
  if (!job) return err(noSuchJob(jobId))
  if (!isCompleted(job.status))
    return err({ reason: 'not_erasable', message: `job ${jobId} cannot be erased: it is ${job.status}` })
  if (!leftSomething(store, job))
    return err({ reason: 'not_erasable', message: `job ${jobId} cannot be erased: it has left nothing` })
  store.traces.remove(store.traces.pathOf(job))
  removeArtifacts(store, jobId)
  store.write('full', () => store.jobs.markErased(jobId, clock.now()))
  return ok(jobId)
}

function leftSomething(store: Store, job: Job): boolean {
  return store.traces.sizeOf(store.traces.pathOf(job)) > 0 || store.artifacts.ofJob(job.id).length > 0
}

/** Lets what a job left stay for ever. */
export function keepArtifacts({ store }: EngineContext, jobId: number): Result<number, VerbRefusal> {
  if (store.jobs.statusOf(jobId) === undefined) return err(noSuchJob(jobId))
  if (store.artifacts.ofJob(jobId).length === 0)
    return err({ reason: 'no_artifacts', message: `job ${jobId} has left no artifacts` })
  store.write('full', () => store.artifacts.keep(jobId))
  return ok(jobId)
}

/** Removes the artifacts and reports of a job; its log stays. GitLab: no artifacts are no error. */
export function deleteArtifacts({ store }: EngineContext, jobId: number): Result<number, VerbRefusal> {
  if (store.jobs.statusOf(jobId) === undefined) return err(noSuchJob(jobId))
  removeArtifacts(store, jobId)
  return ok(jobId)
}

/** Files go before rows: a row without its file can be removed again, a file without its row would never be found. */
function removeArtifacts(store: Store, jobId: number): void {
  const artifacts = store.artifacts.ofJob(jobId)
  for (const artifact of artifacts) removeArtifactFiles(store.stateDir, artifact)
  store.write('full', () => {
    for (const { id } of artifacts) store.artifacts.remove(id)
    store.jobs.dropArchive(jobId)
  })
}
