import type { RequestHandler } from 'express'
import { randomToken } from '../../platform/random.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import { pipelineFigures } from '../pipeline-figures.ts'
import { mayRead } from '../permissions.ts'
import { stream, type Reply } from '../reply.ts'
import { traceBody } from '../trace-body.ts'
import { causeOf } from './cause.ts'
import { html } from './html-reply.ts'
import { JobPage } from './job-page.tsx'
import { pageRoute, projectPageRoute, type WebContext } from './page-route.tsx'
import { PipelinePage } from './pipeline-page.tsx'
import { readLog } from './read-log.ts'
import { StartPage } from './start-page.tsx'

const NEWEST_PIPELINES = 5
const NONCE_BYTES = 16

/** `/`: the projects and their newest pipelines. */
export function startPage(context: WebContext): RequestHandler {
  const { options } = context
  return pageRoute(context, (_request, userId) => {
    const projects = options.projects
      .all()
      .filter((project) => mayRead(options.store, userId, project.id))
      .map((project) => ({
        project,
        pipelines: options.store.pipelines.newest(project.id, NEWEST_PIPELINES).map((pipeline) => ({
          pipeline,
          warnings: pipelineFigures(pipeline, options.store.jobs.figuresOf(pipeline.id)).warnings,
        })),
      }))
    return html(200, {
      page: <StartPage projects={projects} externalUrl={options.externalUrl()} />,
      nonce: null,
    })
  })
}

/** `/<namespace>/<project>/-/pipelines/:id` */
export function pipelinePage(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectPageRoute(context, async (project, id) => {
    const pipeline = store.pipelines.find(id)
    if (pipeline?.projectId !== project.id) return undefined
    const origin = await originOf(context, project, pipeline)
    const leftOut = store.configs.traceOf(id)?.jobs.filter((verdict) => !verdict.in) ?? []
    return html(200, {
      page: <PipelinePage {...origin} jobs={store.jobs.ofPipeline(id)} leftOut={leftOut} />,
      nonce: null,
    })
  })
}

/** `/<namespace>/<project>/-/jobs/:id` */
export function jobPage(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectPageRoute(context, async (project, id) => {
    const job = store.jobs.find(id)
    const pipeline = job?.projectId === project.id ? store.pipelines.find(job.pipelineId) : undefined
    if (!job || !pipeline) return undefined
    const log = await readLog(store, store.traces.pathOf(job))
    const nonce = log.css === '' ? null : randomToken('', NONCE_BYTES)
    const origin = await originOf(context, project, pipeline)
    return html(200, { page: <JobPage {...origin} job={job} log={log} nonce={nonce} />, nonce })
  })
}

/** `/<namespace>/<project>/-/jobs/:id/raw`: whatever a job prints, it is text and can do nothing here. */
export function rawTrace(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectPageRoute(context, (project, id): Reply | undefined => {
    const job = store.jobs.find(id)
    if (job?.projectId !== project.id) return undefined
    return stream(traceBody(store, job), {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': `inline; filename="job-${job.id}.log"`,
      'Content-Security-Policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'Referrer-Policy': 'no-referrer',
    })
  })
}

/** What the pages of a pipeline and of its jobs have in common. */
async function originOf({ options }: WebContext, project: Project, pipeline: Pipeline) {
  const provenance = options.engine.provenance(pipeline.id)
  const user = pipeline.userId === null ? undefined : options.store.users.find(pipeline.userId)
  return {
    project,
    pipeline,
    provenance,
    cause: provenance ? causeOf(provenance, user?.name ?? null) : '',
    commit: await options.projects.repository(project).commit(pipeline.sha),
    variables: options.store.pipelineVariables.of(pipeline.id),
    now: options.clock.now(),
  }
}
