import type { RequestHandler } from 'express'
import { randomToken } from '../../platform/random.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import { isAvailable } from '../../pipeline/artifact-expiry.ts'
import { pipelineFigures } from '../pipeline-figures.ts'
import { stream, type Reply } from '../reply.ts'
import { traceBody } from '../trace-body.ts'
import { causeOf } from './cause.ts'
import { html } from './html-reply.ts'
import { JobPage } from './job-page.tsx'
import { projectRoute, type ProjectVisit, type WebContext } from './page-route.tsx'
import { PipelinePage } from './pipeline-page.tsx'
import { readLog } from './read-log.ts'
import { downstreamOf, link, mayVisit } from './related.ts'
import { whyNotRun } from './waiting.ts'

const NONCE_BYTES = 16

/** `/<namespace>/<project>/-/pipelines/:id` */
export function pipelinePage(context: WebContext): RequestHandler {
  const { store, engine } = context.options
  return projectRoute(context, async (visit) => {
    const pipeline = store.pipelines.find(visit.id)
    if (pipeline?.projectId !== visit.project.id) return undefined
    const { id } = pipeline
    const trace = store.configs.traceOf(id)
    const reported = store.artifacts.reportsOf(id, 'junit').length > 0
    const page = (
      <PipelinePage
        {...await aboutOf(context, visit, pipeline)}
        jobs={store.jobs.ofPipeline(id)}
        downstream={downstreamOf(context.options, id, visit.user.id)}
        verdicts={trace?.jobs ?? []}
        workflow={trace?.workflow ?? []}
        tests={reported ? await engine.reports.testReportSummary(id) : undefined}
        coverage={pipelineFigures(pipeline, store.jobs.figuresOf(id)).coverage}
        owns={visit.may('owner')}
      />
    )
    return html(200, { page, nonce: null })
  })
}

/** `/<namespace>/<project>/-/jobs/:id` */
export function jobPage(context: WebContext): RequestHandler {
  const { options } = context
  const { store } = options
  return projectRoute(context, async (visit) => {
    const job = store.jobs.find(visit.id)
    const pipeline = job?.projectId === visit.project.id ? store.pipelines.find(job.pipelineId) : undefined
    if (!job || !pipeline) return undefined
    const log = await readLog(store, store.traces.pathOf(job))
    const nonce = log.css === '' ? null : randomToken('', NONCE_BYTES)
    // Of thousands of jobs only those are read that the page has something to say about.
    const alone = job.attempt === 1 && !job.retried && job.status !== 'created' && job.status !== 'skipped'
    const jobs = alone ? [job] : store.jobs.ofPipeline(pipeline.id)
    const started = store.pipelines.startedBy(job.id)
    const archive = store.artifacts.archiveOf(job.id)
    const maker = job.userId ?? pipeline.userId
    const page = (
      <JobPage
        {...await aboutOf(context, visit, pipeline)}
        job={job}
        manualVariables={store.jobVariables.of(job.id, 'manual')}
        log={log}
        attempts={jobs.filter(({ name }) => name === job.name)}
        waiting={whyNotRun(
          store,
          job,
          jobs.filter(({ retried }) => !retried),
        )}
        downstream={started && link(options, started, visit.user.id)}
        verdict={store.configs.traceOf(pipeline.id)?.jobs.find((verdict) => verdict.job === job.name)}
        artifacts={store.artifacts.ofJob(job.id)}
        archive={archive && isAvailable(options, archive) ? archive : undefined}
        mayErase={visit.may(maker === visit.user.id ? 'developer' : 'maintainer')}
        nonce={nonce}
      />
    )
    return html(200, { page, nonce })
  })
}

/** `/<namespace>/<project>/-/jobs/:id/raw`: whatever a job prints, it is text and can do nothing here. */
export function rawTrace(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectRoute(context, ({ project, id }): Reply | undefined => {
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
async function aboutOf({ options }: WebContext, visit: ProjectVisit, pipeline: Pipeline) {
  const { store } = options
  const { project, frame, user: visitor, may } = visit
  const provenance = options.engine.provenance(pipeline.id, mayVisit(options, visitor.id))
  const user = pipeline.userId === null ? undefined : store.users.find(pipeline.userId)
  const maintains = may('maintainer')
  return {
    frame,
    project,
    pipeline,
    provenance,
    cause: provenance ? causeOf(provenance, user?.name ?? null) : '',
    origin: {
      provenance,
      user,
      schedule: pipeline.scheduleId === null ? undefined : store.schedules.find(pipeline.scheduleId),
      request: store.triggerRequests.ofPipeline(pipeline.id)?.id ?? null,
    },
    commit: await options.projects.repository(project).commit(pipeline.sha),
    variables: store.pipelineVariables.of(pipeline.id),
    variablesShown: maintains || pipeline.userId === visitor.id,
    maintains,
    now: options.clock.now(),
  }
}
