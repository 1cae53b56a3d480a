import type { RequestHandler } from 'express'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { User } from '../../model/user.ts'
import type { HttpOptions } from '../options.ts'
import { mayMaintain, mayRead } from '../permissions.ts'
import type { Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { pipelineWithMetadata } from './entities/pipeline.ts'
import { pipelineVariable } from './entities/variable.ts'
import type { ParamReader } from './param-reader.ts'
import { pipelineFacts } from './present.ts'
import { projectRoute, type Answer, type ProjectVisit, type RouteAccess } from './route.ts'

/** `GET /projects/:id/pipelines/:pipeline_id` */
export function showPipeline(options: HttpOptions): RequestHandler {
  return pipelineRoute(
    options,
    ({ project }, pipeline) =>
      ok(json(200, pipelineWithMetadata(pipeline, pipelineFacts(options, project, pipeline)))),
    { jobToken: true },
  )
}

/** `GET …/pipelines/latest?ref=`: the newest pipeline of the ref's head commit. GitLab answers 403 when there is none. */
export function latestPipeline(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ref: params.text('ref') }),
    async ({ project, params }) => {
      const ref = params.ref?.trim() ? params.ref : project.defaultBranch
      const head = await options.projects.repository(project).resolveRef(ref)
      if (typeof head === 'string') return err({ kind: 'forbidden', reason: null })
      const { pipelines } = options.store.pipelines.page(
        project.id,
        { ref: head.name, sha: head.sha },
        { by: 'id', descending: true },
        { limit: 1, offset: 0 },
      )
      const [pipeline] = pipelines
      if (!pipeline) return err({ kind: 'forbidden', reason: null })
      return ok(json(200, pipelineWithMetadata(pipeline, pipelineFacts(options, project, pipeline))))
    },
  )
}

/** `GET …/pipelines/:pipeline_id/variables`: for maintainers and for whoever made the pipeline. */
export function pipelineVariables(options: HttpOptions): RequestHandler {
  return pipelineRoute(options, ({ user }, pipeline) => {
    if (!mayReadVariables(options, user, pipeline)) return err({ kind: 'forbidden', reason: null })
    return ok(json(200, options.store.pipelineVariables.of(pipeline.id).map(pipelineVariable)))
  })
}

function mayReadVariables({ store }: HttpOptions, user: User, pipeline: Pipeline): boolean {
  return pipeline.userId === user.id || mayMaintain(store, user.id, pipeline.projectId)
}

/** `GET …/pipelines/:pipeline_id/provenance`: why the pipeline exists. Values of variables are for whoever may list them. */
export function pipelineProvenance(options: HttpOptions): RequestHandler {
  return pipelineRoute(options, ({ user }, pipeline) => {
    const mayReadProject = (projectId: number): boolean => mayRead(options.store, user.id, projectId)
    const provenance = options.engine.provenance(pipeline.id, mayReadProject)
    if (!provenance) return err({ kind: 'record_not_found' })
    if (mayReadVariables(options, user, pipeline)) return ok(json(200, provenance))
    const variables = provenance.variables.map((variable) => ({ ...variable, value: '[MASKED]' }))
    return ok(json(200, { ...provenance, variables }))
  })
}

/** A pipeline is found by its number within its own project only. */
export function findPipeline(options: HttpOptions, projectId: number, id: number): Result<Pipeline, Problem> {
  const pipeline = options.store.pipelines.find(id)
  return pipeline?.projectId === projectId ? ok(pipeline) : err({ kind: 'record_not_found' })
}

export function readPipelineId(params: ParamReader): { pipelineId: number } {
  return { pipelineId: params.requiredInteger('pipeline_id') }
}

function pipelineRoute(
  options: HttpOptions,
  answer: (visit: ProjectVisit<{ pipelineId: number }>, pipeline: Pipeline) => Answer,
  access: RouteAccess = {},
): RequestHandler {
  const answerWith = (visit: ProjectVisit<{ pipelineId: number }>): Answer => {
    const pipeline = findPipeline(options, visit.project.id, visit.params.pipelineId)
    return pipeline.ok ? answer(visit, pipeline.value) : pipeline
  }
  return projectRoute(options, readPipelineId, answerWith, access)
}
