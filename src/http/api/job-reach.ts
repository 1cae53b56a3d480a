import type { Job } from '../../model/job.ts'
import type { Project } from '../../model/project.ts'
import type { HttpOptions } from '../options.ts'
import { mayRead } from '../permissions.ts'

/**
 * How far a job's token goes: to its own project; to another one whose user may read it and which has not shut its door by
 * `job_token_allowlist`. A legacy trigger's job has no user and goes nowhere else.
 */
export function reachOf(
  { store, projects }: Pick<HttpOptions, 'store' | 'projects'>,
  job: Job,
  project: Project,
): 'open' | 'hidden' | { readonly shutOutFrom: string } {
  if (job.projectId === project.id) return 'open'
  const userId = job.userId ?? store.pipelines.find(job.pipelineId)?.userId ?? null
  if (userId === null || !mayRead(store, userId, project.id)) return 'hidden'
  const source = projects.find(String(job.projectId))?.name ?? String(job.projectId)
  const allowed = project.jobTokenAllowlist?.includes(source) ?? true
  return allowed ? 'open' : { shutOutFrom: source }
}
