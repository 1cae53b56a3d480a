import type { RequestHandler } from 'express'
import type { Job } from '../../model/job.ts'
import { STATUSES } from '../../model/status.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json, stream } from '../reply.ts'
import { traceBody } from '../trace-body.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { findPipeline, readPipelineId } from './pipelines.ts'
import { presentJobs } from './present.ts'
import { projectRoute } from './route.ts'

/** `GET …/pipelines/:pipeline_id/jobs`, newest first. */
export function listPipelineJobs(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      ...readPipelineId(params),
      includeRetried: params.flag('include_retried') ?? false,
      statuses: params.someOf('scope', STATUSES) ?? [],
      page: readPage(params),
    }),
    async ({ project, params, sent, path }) => {
      const pipeline = findPipeline(options, project.id, params.pipelineId)
      if (!pipeline.ok) return pipeline
      const { jobs, total } = options.store.jobs.page(params.pipelineId, params, params.page)
      const items = await presentJobs(options, project, pipeline.value, jobs)
      return ok(paginated({ page: params.page, items, total, url: options.externalUrl() + path, sent }))
    },
  )
}

/** `GET …/jobs/:job_id` */
export function showJob(options: HttpOptions): RequestHandler {
  return projectRoute(options, readJobId, async ({ project, params }) => {
    const job = findJob(options, project.id, params.jobId)
    if (!job.ok) return job
    const pipeline = findPipeline(options, project.id, job.value.pipelineId)
    if (!pipeline.ok) return pipeline
    const [entity] = await presentJobs(options, project, pipeline.value, [job.value])
    return ok(json(200, entity))
  })
}

/** `GET …/jobs/:job_id/trace`: the log as its runner wrote it. */
export function showTrace(options: HttpOptions): RequestHandler {
  return projectRoute(options, readJobId, ({ project, params }) => {
    const job = findJob(options, project.id, params.jobId)
    if (!job.ok) return job
    return ok(
      stream(traceBody(options.store, job.value), {
        'Content-Type': 'text/plain',
        'Content-Disposition': `infile; filename="${job.value.id}.log"`,
      }),
    )
  })
}

function readJobId(params: ParamReader): { jobId: number } {
  return { jobId: params.requiredInteger('job_id') }
}

function findJob(options: HttpOptions, projectId: number, id: number): Result<Job, Problem> {
  const job = options.store.jobs.find(id)
  return job?.projectId === projectId ? ok(job) : err({ kind: 'record_not_found' })
}
