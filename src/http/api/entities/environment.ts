import type { DeploymentRow } from '../../../store/deployments.ts'
import type { EnvironmentRow } from '../../../store/environments.ts'
import type { User } from '../../../model/user.ts'
import { isoTime } from '../../times.ts'
import { userBasic } from './user.ts'

export function environmentBasic(environment: EnvironmentRow) {
  return {
    id: environment.id,
    name: environment.name,
    slug: environment.slug,
    external_url: environment.externalUrl,
    created_at: isoTime(environment.createdAt),
    updated_at: isoTime(environment.updatedAt),
  }
}

export function environmentEntity(environment: EnvironmentRow) {
  return {
    ...environmentBasic(environment),
    tier: environment.tier,
    state: environment.state,
    auto_stop_at: isoTime(environment.autoStopAt),
  }
}

/** What an entity says beyond its row. `deployable` is the job, as the API shows jobs. */
export interface DeploymentFacts {
  readonly user: User
  readonly environment: EnvironmentRow | null
  readonly deployable: unknown
  readonly externalUrl: string
}

/** `environment` null: the deployment is shown inside its environment, and does not repeat it (GitLab). */
export function deploymentEntity(deployment: DeploymentRow, facts: DeploymentFacts) {
  return {
    id: deployment.id,
    iid: deployment.iid,
    ref: deployment.ref,
    sha: deployment.sha,
    created_at: isoTime(deployment.createdAt),
    updated_at: isoTime(deployment.updatedAt),
    user: userBasic(facts.user, facts.externalUrl),
    ...(facts.environment ? { environment: environmentBasic(facts.environment) } : {}),
    deployable: facts.deployable,
    status: deployment.status,
  }
}
