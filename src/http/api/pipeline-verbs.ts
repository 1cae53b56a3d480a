import type { RequestHandler } from 'express'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Role } from '../../model/user.ts'
import { err, ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json, NO_CONTENT } from '../reply.ts'
import { pipelineEntity, pipelineWithMetadata } from './entities/pipeline.ts'
import { changedSince, forRole } from './guards.ts'
import type { ParamReader } from './param-reader.ts'
import { findPipeline, readPipelineId } from './pipelines.ts'
import { pipelineFacts } from './present.ts'
import { projectRoute, type Answer, type ProjectVisit, type RouteAccess } from './route.ts'
import { verbProblem } from './verb-problem.ts'

/** `POST …/pipelines/:pipeline_id/retry`. GitLab: with nothing to try again it is 201 all the same. */
export function retryPipeline(options: HttpOptions): RequestHandler {
  return verbRoute(options, 'developer', readPipelineId, (visit, pipeline) => {
    const retried = options.engine.verbs.retryPipeline(pipeline.id, { userId: visit.user.id })
    if (!retried.ok && retried.error.reason !== 'not_retryable') return err(verbProblem(retried.error))
    return ok(json(201, present(options, visit, pipeline)))
  })
}

/** `POST …/pipelines/:pipeline_id/cancel`. GitLab: 200, and 200 too when there is nothing to cancel. */
export function cancelPipeline(options: HttpOptions): RequestHandler {
  return verbRoute(options, 'developer', readPipelineId, (visit, pipeline) => {
    options.engine.cancel(pipeline.id)
    return ok(json(200, present(options, visit, pipeline)))
  })
}

/** `DELETE …/pipelines/:pipeline_id`, for owners. */
export function deletePipeline(options: HttpOptions): RequestHandler {
  return verbRoute(options, 'owner', readPipelineId, ({ headers }, pipeline) => {
    if (changedSince(headers, pipeline.updatedAt)) return err({ kind: 'precondition_failed' })
    const deleted = options.engine.verbs.deletePipeline(pipeline.id)
    return deleted.ok ? ok(NO_CONTENT) : err(verbProblem(deleted.error))
  })
}

/** GitLab: a pipeline's name has at most 255 characters. */
const LONGEST_NAME = 255

/** `PUT …/pipelines/:pipeline_id/metadata`: the name. */
export function renamePipeline(options: HttpOptions): RequestHandler {
  return verbRoute(
    options,
    'developer',
    (params) => ({ ...readPipelineId(params), name: params.presentText('name') ?? '' }),
    (visit, pipeline) => {
      const { name } = visit.params
      if (Array.from(name).length > LONGEST_NAME) {
        return err({
          kind: 'said',
          status: 400,
          text: `400 bad_request - Failed to update pipeline - Name is too long (maximum is ${LONGEST_NAME} characters)`,
        })
      }
      options.engine.pipelineMetadata.rename(pipeline.id, name)
      const renamed = options.store.pipelines.find(pipeline.id) ?? pipeline
      return ok(json(200, pipelineWithMetadata(renamed, pipelineFacts(options, visit.project, renamed))))
    },
    { jobToken: true },
  )
}

function verbRoute<T extends { readonly pipelineId: number }>(
  options: HttpOptions,
  least: Role,
  read: (params: ParamReader) => T,
  answer: (visit: ProjectVisit<T>, pipeline: Pipeline) => Answer,
  access: RouteAccess = {},
): RequestHandler {
  // GitLab looks for the pipeline first: a number that is not there is 404 whatever the role.
  return projectRoute(
    options,
    read,
    (visit) => {
      const pipeline = findPipeline(options, visit.project.id, visit.params.pipelineId)
      if (!pipeline.ok) return pipeline
      return forRole<T>(options, least, (allowed) => answer(allowed, pipeline.value))(visit)
    },
    access,
  )
}

/** The pipeline as it stands now. */
function present<T>(options: HttpOptions, { project }: ProjectVisit<T>, { id }: Pipeline) {
  const pipeline = options.store.pipelines.find(id)
  if (!pipeline) throw new Error(`Bug: pipeline ${id} went away while it was changed`)
  return pipelineEntity(pipeline, pipelineFacts(options, project, pipeline))
}
