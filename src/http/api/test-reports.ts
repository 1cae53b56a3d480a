import type { RequestHandler } from 'express'
import { ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { findPipeline, readPipelineId } from './pipelines.ts'
import { projectRoute } from './route.ts'

/** `GET …/pipelines/:pipeline_id/test_report`; all zero when no job left a report. */
export function showTestReport(options: HttpOptions): RequestHandler {
  return projectRoute(options, readPipelineId, async ({ project, params }) => {
    const pipeline = findPipeline(options, project.id, params.pipelineId)
    if (!pipeline.ok) return pipeline
    return ok(json(200, await options.engine.reports.testReport(pipeline.value.id)))
  })
}

/** `GET …/pipelines/:pipeline_id/test_report_summary` */
export function showTestReportSummary(options: HttpOptions): RequestHandler {
  return projectRoute(options, readPipelineId, async ({ project, params }) => {
    const pipeline = findPipeline(options, project.id, params.pipelineId)
    if (!pipeline.ok) return pipeline
    return ok(json(200, await options.engine.reports.testReportSummary(pipeline.value.id)))
  })
}
