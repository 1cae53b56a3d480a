import { Router } from 'express'
import type { HttpOptions } from '../options.ts'
import { originCheck } from '../origin-check.ts'
import { sendProblem } from '../problems.ts'
import { formatSuffix } from './format-suffix.ts'
import { showCurrentUser, showMetadata, showVersion } from './instance.ts'
import { lintContent, lintProject } from './lint.ts'
import { addressLimit } from '../limits/address-limit.ts'
import { mountAccess } from './mount-access.ts'
import { mountJobs } from './mount-jobs.ts'
import { mountProject } from './mount-project.ts'
import { listProjects, showProject } from './projects.ts'
import { triggerPipeline } from './trigger/trigger-pipeline.ts'

/** Everything below `/api/v4`. */
export function apiRouter(options: HttpOptions): Router {
  const router = Router({ caseSensitive: true })
  router.use(formatSuffix)
  router.post(
    ['/projects/:id/trigger/pipeline', '/projects/:id/ref/*ref/trigger/pipeline'],
    triggerPipeline(options),
  )
  router.use(addressLimit(options.rates), originCheck)
  router.get('/version', showVersion(options))
  router.get('/metadata', showMetadata(options))
  router.get('/user', showCurrentUser(options))
  router.get('/projects', listProjects(options))
  router.get('/projects/:id', showProject(options))
  router.get('/projects/:id/ci/lint', lintProject(options))
  router.post('/projects/:id/ci/lint', lintContent(options))
  mountAccess(router, options)
  mountJobs(router, options)
  mountProject(router, options)
  router.use((request, response) => sendProblem(request, response, { kind: 'unknown_route' }))
  return router
}
