import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as others } from 'node:timers/promises'
import type { ArtifactFile, RetentionJob } from '../../store/retention.ts'
import type { Store } from '../../store/store.ts'
import { archivePath, removeArtifactFiles } from '../keep-artifacts.ts'

/** So many are removed in one transaction, which then takes a few milliseconds. */
export const AT_ONCE = 50

/**
 * Removes a finished pipeline and its child pipelines: chooses them in one transaction, then takes files before rows, a few jobs at a
 * time. Every step may be repeated after a crash. Returns the ids that are gone; none when something holds one of them.
 */
export async function removeFamily(store: Store, pipelineId: number): Promise<number[]> {
  const ids = store.retention.family(pipelineId)
  if (isHeld(store, pipelineId)) return []
  const chosen = store.write('normal', () => {
    const marked = ids.filter((id) => store.retention.mark(id))
    if (marked.length === ids.length) return true
    for (const id of marked) store.retention.unmark(id)
    return false
  })
  return chosen ? removeMarked(store, ids) : []
}

/** Whether something makes a pipeline, or one of its child pipelines, stay. */
export function isHeld(store: Store, pipelineId: number): boolean {
  return store.retention.family(pipelineId).some((id) => store.retention.lockOf(id) !== undefined)
}

/** Goes on with what a process chose before it was killed. */
export async function removeAllMarked(store: Store): Promise<{ id: number; projectId: number }[]> {
  const marked = store.retention.marked()
  const removed = await removeMarked(
    store,
    marked.map(({ id }) => id),
  )
  return marked.filter(({ id }) => removed.includes(id))
}

async function removeMarked(store: Store, ids: readonly number[]): Promise<number[]> {
  const removed: number[] = []
  for (const id of ids) if (await removeOne(store, id)) removed.push(id)
  return removed
}

async function removeOne(store: Store, id: number): Promise<boolean> {
  for (;;) {
    const jobs = store.retention.jobs(id, AT_ONCE)
    for (const job of jobs) await removeJobFiles(store, job)
    const step = store.write('normal', () => {
      // Somebody has started a job of it again meanwhile: it lives.
      if (!store.retention.isMarked(id)) return 'alive'
      for (const job of jobs) store.retention.removeJob(job.id)
      if (jobs.length === AT_ONCE) return 'more'
      store.pipelines.remove(id)
      return 'gone'
    })
    await others()
    if (step === 'alive') store.write('normal', () => store.retention.unmark(id))
    if (step !== 'more') return step === 'gone'
  }
}

async function removeJobFiles(store: Store, job: RetentionJob): Promise<void> {
  await rm(store.traces.pathOf(job), { force: true })
  const archive = archivePath(store.stateDir, job)
  await rm(archive, { recursive: true, force: true })
  await rm(`${archive}.reports`, { recursive: true, force: true })
}

/** Removes the logs of a pipeline's jobs. Returns how many there were. */
export async function removeLogs(store: Store, pipelineId: number): Promise<number> {
  for (let removed = 0; ;) {
    const jobs = store.retention.jobsWithLog(pipelineId, AT_ONCE)
    for (const job of jobs) await rm(store.traces.pathOf(job), { force: true })
    store.write('normal', () => {
      for (const { id } of jobs) store.retention.dropLog(id)
    })
    removed += jobs.length
    if (jobs.length < AT_ONCE) return removed
    await others()
  }
}

/** Removes artifacts of a pipeline, `all` or those that have no date left until which they are to stay. Returns how many. */
export async function removeArtifacts(
  store: Store,
  pipelineId: number,
  options: { readonly all: boolean; readonly now: number },
): Promise<number> {
  for (let removed = 0; ;) {
    const artifacts = store.retention.artifactsOf(pipelineId, { ...options, limit: AT_ONCE })
    for (const artifact of artifacts) await removeArtifact(store, artifact)
    store.write('normal', () => {
      for (const { id } of artifacts) store.artifacts.remove(id)
    })
    removed += artifacts.length
    if (artifacts.length < AT_ONCE) return removed
    await others()
  }
}

async function removeArtifact(store: Store, { kind, path }: ArtifactFile): Promise<void> {
  // Large trees without keeping others waiting; what is left then are folders that held nothing else.
  await rm(join(store.stateDir, path), { recursive: true, force: true })
  removeArtifactFiles(store.stateDir, { kind, path })
}
