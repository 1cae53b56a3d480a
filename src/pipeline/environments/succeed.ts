import { TIERS } from '../../ci/config/environment.ts'
import { expandAll, lookupIn, type Lookup } from '../../ci/variables/expand.ts'
import type { Job } from '../../model/job.ts'
import type { EngineContext } from '../context.ts'
import { variablesOfJob } from '../job-variables.ts'
import { autoStopAt } from './auto-stop-at.ts'

/**
 * What a job's success means for its environment; in the transaction that records it. GitLab: a deployment renews address, tier and
 * time to stop; `stop` ends the environment; `prepare` and `access` renew the time to stop only.
 */
export function environmentSucceeded(
  context: Pick<EngineContext, 'store' | 'server' | 'clock' | 'projects'>,
  job: Job,
): void {
  const { store, clock, projects } = context
  const plan = job.options.environment
  const pipeline = store.pipelines.find(job.pipelineId)
  const project = projects.find(job.projectId)
  if (!plan || job.environment === null || !pipeline || !project) return
  const environment = store.environments.findByName(job.projectId, job.environment)
  if (!environment) return
  const now = clock.now()
  if (plan.action === 'stop') {
    store.environments.setState(environment.id, 'stopped', now)
    return
  }
  if (plan.action === 'verify') return
  const lookup = lookupIn(variablesOfJob(context, { job, pipeline, project }, null))
  if (plan.action === 'start') {
    const externalUrl = addressOf(plan.url, lookup)
    store.environments.recordDeployment(
      environment.id,
      { externalUrl, tier: tierOf(plan.deploymentTier, lookup) },
      now,
    )
  }
  const stopAt = autoStopAt(plan.autoStopIn === undefined ? null : expandAll(plan.autoStopIn, lookup), now)
  if (stopAt !== undefined) store.environments.setAutoStopAt(environment.id, stopAt, now)
}

const LONGEST_URL = 255

/** GitLab keeps the address it had when the new one is none: 255 characters at most, and nothing that a browser would run. */
function addressOf(url: string | null, lookup: Lookup): string | null {
  if (url === null) return null
  const address = expandAll(url, lookup).trim()
  return address !== '' && address.length <= LONGEST_URL && /^https?:\/\//i.test(address) ? address : null
}

function tierOf(written: string | undefined, lookup: Lookup): string | null {
  const tier = written === undefined ? '' : expandAll(written, lookup)
  return TIERS.includes(tier) ? tier : null
}
