import type { JobPlan } from '../model/plan.ts'

/**
 * Marks all jobs when one of the pipeline may want to find what another left in its workspace: it is then not cleaned when a
 * job ends but when the next one begins, as gitlab-runner does it.
 */
export function markKept(jobs: readonly JobPlan[]): readonly JobPlan[] {
  return jobs.some(asksForIt)
    ? jobs.map((job) => ({ ...job, options: { ...job.options, keepWorkspace: true } }))
    : jobs
}

function asksForIt({ variables }: JobPlan): boolean {
  return variables.some(
    ({ key, value }) =>
      (key === 'GIT_STRATEGY' && value !== 'fetch' && value !== 'clone' && value !== 'empty') ||
      key === 'GIT_CHECKOUT' ||
      key === 'GIT_CLEAN_FLAGS',
  )
}
