import { ENVIRONMENT_NAME, TIERS } from '../../ci/config/environment.ts'
import { environmentSlug } from '../../ci/variables/environment-slug.ts'
import { guessTier } from '../../ci/variables/environment-tier.ts'
import type { EnvironmentPlan } from '../../model/keyword-plans.ts'
import type { EnvironmentTarget } from '../../model/plan.ts'
import type { Store } from '../../store/store.ts'
import { autoStopAt } from './auto-stop-at.ts'

const LONGEST_NAME = 255

/** A job that is being added, and the environment it is for. */
export interface Placement {
  readonly jobId: number
  readonly projectId: number
  readonly pipelineId: number
  readonly plan: EnvironmentPlan
  readonly userId: number | null
}

/**
 * Makes the environment of a new job, unless there is one, and records the deployment that the job is to be; the caller's
 * transaction. False: what the variables gave is no name or no tier, and GitLab fails the job (`environment_creation_failure`).
 */
export function placeInEnvironment(
  store: Store,
  placement: Placement,
  target: EnvironmentTarget,
  now: number,
): boolean {
  const { name, tier } = target
  if (name.length > LONGEST_NAME || !ENVIRONMENT_NAME.test(name)) return false
  if (tier !== null && !TIERS.includes(tier)) return false
  store.environments.ensure(
    {
      projectId: placement.projectId,
      name,
      slug: environmentSlug(name),
      tier: tier ?? guessTier(name),
      autoStopAt: autoStopAt(target.autoStopIn, now) ?? null,
    },
    now,
  )
  recordDeployment(store, placement, name, now)
  return true
}

/** GitLab: only `action: start` deploys. */
export function recordDeployment(
  store: Store,
  { jobId, projectId, pipelineId, plan, userId }: Placement,
  name: string,
  now: number,
): void {
  if (plan.action !== 'start') return
  const environment = store.environments.findByName(projectId, name)
  const pipeline = store.pipelines.find(pipelineId)
  if (!environment || !pipeline) return
  const { ref, tag, sha } = pipeline
  const deployment = { jobId, projectId, environmentId: environment.id, ref, tag, sha }
  store.deployments.add({ ...deployment, onStop: plan.onStop, userId: userId ?? pipeline.userId }, now)
}
