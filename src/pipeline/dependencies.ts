import type { Job } from '../model/job.ts'
import type { PayloadDependency } from '../model/payload.ts'
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
  return [...earlier, ...samePipeline(store, job)].map(({ id, name, size }) => ({
    id,
    name,
    token: '',
    artifacts_file: { filename: 'artifacts.zip', size },
  }))
}

function samePipeline(
  store: Store,
  job: Job,
): { readonly id: number; readonly name: string; readonly size: number }[] {
  if (job.dependencies?.length === 0) return []
  const before = store.jobs.withArtifacts(job.pipelineId)
  if (before.length === 0) return []
  const needed = new Map(job.needs.map((need) => [need.job, need.artifacts]))
  return before
    .filter((other) =>
      job.scheduling === 'dag' ? needed.get(other.name) === true : other.stageIndex < job.stageIndex,
    )
    .filter((other) => job.dependencies === null || job.dependencies.includes(other.name))
}
