import { Router } from 'express'
import type { HttpOptions } from '../options.ts'
import { originCheck } from '../origin-check.ts'
import { sendProblem } from '../problems.ts'
import { formatSuffix } from './format-suffix.ts'
import { showCurrentUser, showMetadata, showVersion } from './instance.ts'
import { listPipelineJobs, showJob, showTrace } from './jobs.ts'
import { lintContent, lintProject } from './lint.ts'
import { listPipelines } from './list-pipelines.ts'
import { latestPipeline, pipelineProvenance, pipelineVariables, showPipeline } from './pipelines.ts'
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
  router.use(originCheck)
  router.get('/version', showVersion(options))
  router.get('/metadata', showMetadata(options))
  router.get('/user', showCurrentUser(options))
  router.get('/projects', listProjects(options))
  router.get('/projects/:id', showProject(options))
  router.get('/projects/:id/ci/lint', lintProject(options))
  router.post('/projects/:id/ci/lint', lintContent(options))
  router.get('/projects/:id/pipelines', listPipelines(options))
  router.get('/projects/:id/pipelines/latest', latestPipeline(options))
  router.get('/projects/:id/pipelines/:pipeline_id', showPipeline(options))
  router.get('/projects/:id/pipelines/:pipeline_id/jobs', listPipelineJobs(options))
  router.get('/projects/:id/pipelines/:pipeline_id/variables', pipelineVariables(options))
  router.get('/projects/:id/pipelines/:pipeline_id/provenance', pipelineProvenance(options))
  router.get('/projects/:id/jobs/:job_id', showJob(options))
  router.get('/projects/:id/jobs/:job_id/trace', showTrace(options))
  router.use((request, response) => sendProblem(request, response, { kind: 'unknown_route' }))
  return router
}
