import type { RequestHandler } from 'express'
import type { Job } from '../../model/job.ts'
import { STATUSES } from '../../model/status.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { findPipeline, readPipelineId } from './pipelines.ts'
import { presentBridges, presentJob, presentJobs } from './present.ts'
import { projectRoute, type ProjectVisit } from './route.ts'

/** `GET …/pipelines/:pipeline_id/jobs`, newest first; without bridges. */
export function listPipelineJobs(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readPipelineId(params), ...readJobFilter(params), page: readPage(params) }),
    (visit) => listOf(options, visit, 'build', ({ project }, jobs) => presentJobs(options, project, jobs)),
    { jobToken: true },
  )
}

/** `GET …/pipelines/:pipeline_id/bridges`: the jobs that start pipelines, each with the one it started. */
export function listBridges(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readPipelineId(params), ...readJobFilter(params), page: readPage(params) }),
    (visit) =>
      listOf(options, visit, 'bridge', ({ project }, jobs) => presentBridges(options, project, jobs)),
    { jobToken: true },
  )
}

async function listOf<
  T extends ReturnType<typeof readJobFilter> & ReturnType<typeof readPipelineId> & PageParams,
>(
  options: HttpOptions,
  visit: ProjectVisit<T>,
  kind: Job['kind'],
  present: (visit: ProjectVisit<T>, jobs: readonly Job[]) => Promise<readonly unknown[]>,
) {
  const { params, project, sent, path } = visit
  const pipeline = findPipeline(options, project.id, params.pipelineId)
  if (!pipeline.ok) return pipeline
  const { jobs, total } = options.store.jobs.page(params.pipelineId, { ...params, kind }, params.page)
  const items = await present(visit, jobs)
  return ok(paginated({ page: params.page, items, total, url: options.externalUrl() + path, sent }))
}

interface PageParams {
  readonly page: ReturnType<typeof readPage>
}

function readJobFilter(params: ParamReader) {
  return {
    includeRetried: params.flag('include_retried') ?? false,
    statuses: params.someOf('scope', STATUSES) ?? [],
  }
}

/** `GET …/jobs/:job_id` */
export function showJob(options: HttpOptions): RequestHandler {
  return projectRoute(options, readJobId, async ({ project, params }) => {
    const job = findBuild(options, project.id, params.jobId)
    return job.ok ? ok(json(200, await presentJob(options, project, job.value))) : job
  })
}

export function readJobId(params: ParamReader): { jobId: number } {
  return { jobId: params.requiredInteger('job_id') }
}

/** GitLab's `find_build!`: a job with a script. */
export function findBuild(options: HttpOptions, projectId: number, id: number): Result<Job, Problem> {
  const job = options.store.jobs.find(id)
  return job?.projectId === projectId && job.kind === 'build' ? ok(job) : err({ kind: 'record_not_found' })
}

/** GitLab's `find_job!`: one with a script, or a bridge. */
export function findProcessable(options: HttpOptions, projectId: number, id: number): Result<Job, Problem> {
  const job = options.store.jobs.find(id)
  return job?.projectId === projectId && job.kind !== 'external' ? ok(job) : err({ kind: 'record_not_found' })
}
