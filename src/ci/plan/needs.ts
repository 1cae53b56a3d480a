import type { JobPlan, JobVerdict, NeedPlan } from '../../model/plan.ts'
import { expandNames, expandNeeds } from '../config/instances.ts'
import { needNotCreated, tooManyNeeds } from '../texts.ts'
import { limitsOf, type Planning } from './context.ts'
import type { Candidate } from './job.ts'
import { addFinding } from './problems.ts'

/**
 * Gives every job its edges: parallel groups unfolded, optional needs on absent jobs dropped, the others
 * reported.
 */
export function resolveNeeds(
  candidates: readonly Candidate[],
  excluded: readonly JobVerdict[],
  planning: Planning,
): JobPlan[] {
  const present = new Set(candidates.map(({ plan }) => plan.name))
  const verdicts = new Map(excluded.map((verdict) => [verdict.job, verdict]))
  const { jobs } = planning.config
  return candidates.map((candidate) => {
    const { plan } = candidate
    const dependencies = plan.dependencies && expandNames(plan.dependencies, jobs)
    return { ...plan, dependencies, needs: edgesOf(candidate, present, verdicts, planning) }
  })
}

function edgesOf(
  { plan, needs, config, instance }: Candidate,
  present: ReadonlySet<string>,
  excluded: ReadonlyMap<string, JobVerdict>,
  planning: Planning,
): readonly NeedPlan[] {
  if (needs.length === 0) return []
  const expanded = expandNeeds(needs, planning.config.jobs, instance)
  const most = limitsOf(planning).needs
  if (expanded.length > most)
    addFinding(planning, config.span, tooManyNeeds(plan.name, most, expanded.length))
  const edges: NeedPlan[] = []
  for (const { job, artifacts, optional, span } of expanded) {
    if (present.has(job)) edges.push({ job, artifacts, optional })
    else if (!optional && expanded.length <= most) {
      const verdict = excluded.get(job)
      addFinding(
        planning,
        span,
        needNotCreated(plan.name, job),
        verdict && `${job} was left out: ${verdict.because}`,
      )
    }
  }
  return edges
}
