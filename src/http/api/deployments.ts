import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import { err, ok } from '../../shared/result.ts'
import type { DeploymentRow } from '../../store/deployments.ts'
import type { EnvironmentRow } from '../../store/environments.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { deploymentEntity } from './entities/environment.ts'
import { paginated, readPage } from './pagination.ts'
import { presentJob, userOf } from './present.ts'
import { projectRoute } from './route.ts'

const STATUSES = ['created', 'running', 'success', 'failed', 'canceled', 'skipped', 'blocked'] as const

/** `GET /projects/:id/deployments`, oldest first. */
export function listDeployments(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      page: readPage(params),
      // All of GitLab's orders but `ref` and `updated_at` are the order of the ids here.
      order: params.oneOf('order_by', ['id', 'iid', 'created_at', 'updated_at', 'ref']) ?? 'id',
      newestFirst: params.oneOf('sort', ['asc', 'desc']) === 'desc',
      environment: params.text('environment') || null,
      status: params.oneOf('status', STATUSES) ?? null,
    }),
    async ({ project, params: { page, newestFirst, ...filter }, sent, path }) => {
      const place = { limit: page.limit, offset: page.offset, newestFirst }
      const { deployments, total } = options.store.deployments.page(project.id, filter, place)
      const items = await Promise.all(
        deployments.map((deployment) =>
          presentDeployment(
            options,
            project,
            deployment,
            options.store.environments.find(deployment.environmentId) ?? null,
          ),
        ),
      )
      return ok(paginated({ page, items, total, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET …/deployments/:deployment_id` */
export function showDeployment(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ id: params.requiredInteger('deployment_id') }),
    async ({ project, params }) => {
      const deployment = options.store.deployments.find(params.id)
      if (deployment?.projectId !== project.id) return err({ kind: 'record_not_found' })
      const environment = options.store.environments.find(deployment.environmentId) ?? null
      return ok(json(200, await presentDeployment(options, project, deployment, environment)))
    },
  )
}

export async function presentDeployment(
  options: HttpOptions,
  project: Project,
  deployment: DeploymentRow,
  environment: EnvironmentRow | null,
) {
  const job = options.store.jobs.find(deployment.jobId)
  return deploymentEntity(deployment, {
    user: userOf(options, deployment.userId),
    environment,
    deployable: job ? await presentJob(options, project, job) : null,
    externalUrl: options.externalUrl(),
  })
}
