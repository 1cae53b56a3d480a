import type { JobPlan, PipelinePlan } from '../../model/plan.ts'

/**
 * The jobs that are run for what a save has touched: these, and what needs them, in the order of the pipeline. A manual or
 * delayed job waits for its person, and what needs it waits with it, unless it was `named` on the command line.
 */
export function jobsToRun(
  plan: PipelinePlan,
  touched: ReadonlySet<string>,
  named: ReadonlySet<string> | null,
): string[] {
  const within = named === null ? null : withNeeds(plan, named)
  const eligible = plan.jobs.filter(
    (job) => (within?.has(job.name) ?? true) && ((named?.has(job.name) ?? false) || runsByItself(job)),
  )
  const chosen = new Set(eligible.filter(({ name }) => touched.has(name)).map(({ name }) => name))
  const waiting = new Set(plan.jobs.filter((job) => !eligible.includes(job)).map(({ name }) => name))
  for (let grew = true; grew;) {
    grew = false
    for (const job of eligible) {
      const needs = neededBy(job)
      if (chosen.has(job.name) || !needs.some((need) => chosen.has(need))) continue
      if (within === null && needs.some((need) => waiting.has(need))) continue
      chosen.add(job.name)
      grew = true
    }
  }
  return plan.jobs.flatMap(({ name }) => (chosen.has(name) ? [name] : []))
}

function runsByItself({ when }: JobPlan): boolean {
  return when !== 'manual' && when !== 'delayed'
}

/** What a job says that it needs; that a later stage waits for an earlier one is no need. */
function neededBy(job: JobPlan): string[] {
  return [...job.needs.map((need) => need.job), ...(job.dependencies ?? [])]
}

/** Jobs with all that they need, however far away. */
function withNeeds(plan: PipelinePlan, names: ReadonlySet<string>): ReadonlySet<string> {
  const jobs = new Map(plan.jobs.map((job) => [job.name, job]))
  const found = new Set(names)
  for (const name of found) {
    const job = jobs.get(name)
    if (job) for (const need of neededBy(job)) found.add(need)
  }
  return found
}
