import type { Job } from '../model/job.ts'
import type { PayloadDependency } from '../model/payload.ts'
import type { Variable } from '../model/variable.ts'
import type { LostRow } from '../store/dependencies.ts'
import type { Store } from '../store/store.ts'

/**
 * The jobs whose artifacts a job receives. GitLab: with `needs`, those of them with `artifacts: true`; else all of earlier
 * stages; `dependencies` narrows either. Jobs that left no archive are passed over. Of jobs that `sluice run` was not asked to
 * run, the newest success in the project serves.
 */
export function dependenciesOf(store: Store, job: Job): PayloadDependency[] {
  const earlier = (job.options.earlierArtifacts ?? []).flatMap(
    (name) => store.jobs.newestWithArtifacts(job.projectId, name) ?? [],
  )
  const { archiveOf, withArtifacts } = store.jobs
  return [...earlier, ...ofPipeline(job, archiveOf, withArtifacts)].map(({ id, name, size }) => ({
    id,
    name,
    token: '',
    artifacts_file: { filename: 'artifacts.zip', size },
  }))
}

/** The variables that those jobs reported, the oldest job's first. GitLab: the same jobs, whether they left an archive or not. */
export function dotenvVariables(store: Store, job: Job): Variable[] {
  const { withDotenv, withDotenvBefore } = store.dependencies
  return ofPipeline(job, withDotenv, withDotenvBefore)
    .toSorted((one, other) => one.id - other.id)
    .flatMap(({ id }) => store.jobVariables.of(id, 'dotenv'))
}

/**
 * Those of them that were erased or whose artifacts have expired: then the job cannot start. GitLab: what is kept because its
 * pipeline is its ref's newest success counts as there.
 */
export function lostDependencies(
  store: Store,
  job: Job,
  { now, keepLatest }: { readonly now: number; readonly keepLatest: boolean },
): LostRow[] {
  const lost = ofPipeline(
    job,
    (pipelineId, name) => store.dependencies.lostNamed(pipelineId, name, now),
    (pipelineId, stage) => store.dependencies.lostBefore(pipelineId, stage, now),
  )
  return lost.filter((row) => row.erasedAt !== null || !(keepLatest && store.artifacts.isLatest(row.id)))
}

/** The jobs a job depends on, as far as a question about them finds any. */
function ofPipeline<Row extends { readonly id: number; readonly name: string }>(
  job: Job,
  named: (pipelineId: number, name: string) => Row | undefined,
  before: (pipelineId: number, beforeStage: number) => readonly Row[],
): readonly Row[] {
  const { pipelineId, dependencies, needs, scheduling, stageIndex } = job
  if (dependencies?.length === 0) return []
  // The needed jobs are asked for by name, and not all that have ended: there may be thousands.
  const found =
    scheduling === 'stage'
      ? before(pipelineId, stageIndex)
      : needs
          .filter((need) => need.artifacts)
          .flatMap((need) => named(pipelineId, need.job) ?? [])
          .toSorted((one, other) => one.id - other.id)
  return found.filter((row) => dependencies === null || dependencies.includes(row.name))
}
