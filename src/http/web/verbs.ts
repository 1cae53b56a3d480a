import type { RequestHandler } from 'express'
import type { Job } from '../../model/job.ts'
import type { Role } from '../../model/user.ts'
import { variable } from '../../model/variable.ts'
import type { VerbRefusal } from '../../pipeline/verbs.ts'
import type { Result } from '../../shared/result.ts'
import { jobPath, pipelinePath } from '../urls.ts'
import {
  done,
  failed,
  projectRoute,
  type Outcome,
  type ProjectVisit,
  type WebContext,
} from './page-route.tsx'
import { pipelinesPath } from './paths.ts'
import { readVariables, wrongKeys } from './read-variables.ts'

/** The buttons of jobs and pipelines. The roles are those of the API. */

/** `POST …/-/jobs/:id/play` */
export function playJob(context: WebContext): RequestHandler {
  const { engine } = context.options
  return jobVerb(context, 'developer', ({ form, user, project }, job) => {
    const here = jobPath(project.name, job.id)
    const { manualConfirmation } = job.options
    if (manualConfirmation !== undefined && !form.flag('confirmed'))
      return failed(`${here}#play`, `This job asks before it starts: ${manualConfirmation}`)
    const rows = readVariables(form, 'variables')
    const wrong = wrongKeys(rows)
    if (wrong !== undefined) return failed(`${here}#play`, wrong)
    const variables = rows.map(({ key, value, type }) =>
      variable(key, value, 'manual', { file: type === 'file' }),
    )
    const inputs = Object.fromEntries(form.pairs('inputs'))
    const played = engine.verbs.play(job.id, { userId: user.id, variables, inputs })
    return told(played, here, (id) => done(jobPath(project.name, id), `${job.name} was started.`))
  })
}

/** `POST …/-/jobs/:id/retry` */
export function retryJob(context: WebContext): RequestHandler {
  const { engine } = context.options
  return jobVerb(context, 'developer', ({ user, project }, job) =>
    told(engine.verbs.retry(job.id, { userId: user.id }), jobPath(project.name, job.id), (id) =>
      done(jobPath(project.name, id), `${job.name} is tried again.`),
    ),
  )
}

/** `POST …/-/jobs/:id/cancel`; with `force`, for maintainers, one that is `canceling` is killed. */
export function cancelJob(context: WebContext): RequestHandler {
  const { engine } = context.options
  return jobVerb(context, 'developer', ({ form, may, project }, job) => {
    const here = jobPath(project.name, job.id)
    const force = form.flag('force')
    if (force && !may('maintainer')) return failed(here, 'To force the end of a job is for maintainers.')
    return told(engine.verbs.cancel(job.id, { force }), here, () => done(here, `${job.name} is canceled.`))
  })
}

/** `POST …/-/jobs/:id/unschedule` */
export function unscheduleJob(context: WebContext): RequestHandler {
  const { engine } = context.options
  return jobVerb(context, 'developer', ({ project }, job) => {
    const here = jobPath(project.name, job.id)
    return told(engine.verbs.unschedule(job.id), here, () =>
      done(here, `${job.name} waits for somebody to start it.`),
    )
  })
}

/** `POST …/-/jobs/:id/erase`. GitLab: for maintainers, and for developers their own jobs. */
export function eraseJob(context: WebContext): RequestHandler {
  const { engine, store } = context.options
  return jobVerb(context, 'developer', ({ user, may, project }, job) => {
    const here = jobPath(project.name, job.id)
    const maker = job.userId ?? store.pipelines.find(job.pipelineId)?.userId
    if (!may(maker === user.id ? 'developer' : 'maintainer'))
      return failed(here, 'To erase the job of somebody else is for maintainers.')
    const erased = engine.verbs.erase(job.id, { userId: user.id })
    return told(erased, here, () => done(here, 'The log and the artifacts were erased.'))
  })
}

/** `POST …/-/jobs/:id/artifacts/keep` */
export function keepArtifacts(context: WebContext): RequestHandler {
  const { engine } = context.options
  return jobVerb(context, 'developer', ({ project }, job) => {
    const here = jobPath(project.name, job.id)
    return told(engine.verbs.keepArtifacts(job.id), here, () => done(here, 'The artifacts are kept.'))
  })
}

/** `POST …/-/jobs/:id/artifacts/delete` */
export function deleteArtifacts(context: WebContext): RequestHandler {
  const { engine } = context.options
  return jobVerb(context, 'maintainer', ({ project }, job) => {
    const here = jobPath(project.name, job.id)
    return told(engine.verbs.deleteArtifacts(job.id), here, () => done(here, 'The artifacts were deleted.'))
  })
}

/** `POST …/-/pipelines/:id/retry` */
export function retryPipeline(context: WebContext): RequestHandler {
  const { engine } = context.options
  return pipelineVerb(context, 'developer', ({ user }, id, here) =>
    told(engine.verbs.retryPipeline(id, { userId: user.id }), here, () =>
      done(here, 'What failed is tried again.'),
    ),
  )
}

/** `POST …/-/pipelines/:id/cancel` */
export function cancelPipeline(context: WebContext): RequestHandler {
  const { engine } = context.options
  return pipelineVerb(context, 'developer', (_visit, id, here) => {
    engine.cancel(id)
    return done(here, 'The pipeline is canceled.')
  })
}

/** `POST …/-/pipelines/:id/delete`, for owners. */
export function deletePipeline(context: WebContext): RequestHandler {
  const { engine } = context.options
  return pipelineVerb(context, 'owner', ({ project }, id, here) =>
    told(engine.verbs.deletePipeline(id), here, () =>
      done(pipelinesPath(project.name), `Pipeline #${id} was deleted.`),
    ),
  )
}

function told(result: Result<number, VerbRefusal>, here: string, then: (id: number) => Outcome): Outcome {
  return result.ok ? then(result.value) : failed(here, result.error.message)
}

function jobVerb(
  context: WebContext,
  least: Role,
  act: (visit: ProjectVisit, job: Job) => Outcome,
): RequestHandler {
  const { store } = context.options
  return projectRoute(
    context,
    (visit) => {
      const job = store.jobs.find(visit.id)
      return job?.projectId === visit.project.id ? act(visit, job) : undefined
    },
    least,
  )
}

function pipelineVerb(
  context: WebContext,
  least: Role,
  act: (visit: ProjectVisit, id: number, here: string) => Outcome,
): RequestHandler {
  const { store } = context.options
  return projectRoute(
    context,
    (visit) => {
      const pipeline = store.pipelines.find(visit.id)
      if (pipeline?.projectId !== visit.project.id) return undefined
      return act(visit, visit.id, pipelinePath(visit.project.name, visit.id))
    },
    least,
  )
}
