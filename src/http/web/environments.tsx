import type { RequestHandler } from 'express'
import type { EnvironmentRow } from '../../store/environments.ts'
import { jobPath } from '../urls.ts'
import { EnvironmentsPage } from './environments-page.tsx'
import { wholeNumber } from './form.ts'
import { html } from './html-reply.ts'
import {
  done,
  failed,
  projectRoute,
  type Outcome,
  type ProjectVisit,
  type WebContext,
} from './page-route.tsx'
import { partOf } from './paging.tsx'
import { environmentsPath } from './paths.ts'

const PER_PAGE = 20
const SHOWN_DEPLOYMENTS = 5
const EVERYTHING = { name: null, search: null, states: [] }

/** `/-/environments` */
export function environmentsPage(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectRoute(context, ({ frame, project, query }) => {
    const page = wholeNumber(query.text('page'), 1)
    const part = partOf({ page, perPage: PER_PAGE })
    const { environments, total } = store.environments.page(project.id, EVERYTHING, part)
    const rows = environments.map((environment) => {
      const filter = { environment: environment.name, status: null }
      const newest = { limit: SHOWN_DEPLOYMENTS, offset: 0, newestFirst: true }
      const { deployments } = store.deployments.page(project.id, filter, newest)
      return {
        environment,
        deployments: deployments.map((deployment) => ({
          deployment,
          job: store.jobs.find(deployment.jobId),
        })),
      }
    })
    const paging = { page, perPage: PER_PAGE, total }
    return html(200, {
      page: <EnvironmentsPage frame={frame} project={project} environments={rows} paging={paging} />,
      nonce: null,
    })
  })
}

/** `POST …/stop`: plays the stop jobs; with `force` none. */
export function stopEnvironment(context: WebContext): RequestHandler {
  const { engine } = context.options
  return environmentRoute(context, ({ project, user, form }, environment) => {
    const here = environmentsPath(project.name)
    const stopped = engine.environments.stop(environment.id, { userId: user.id, force: form.flag('force') })
    if (!stopped.ok) return failed(here, stopped.error.message)
    const [job] = stopped.value
    return job === undefined
      ? done(here, `The environment ${environment.name} is stopped.`)
      : done(jobPath(project.name, job), `The environment ${environment.name} is being stopped by this job.`)
  })
}

/** `POST …/delete`, once it is stopped. */
export function deleteEnvironment(context: WebContext): RequestHandler {
  const { engine } = context.options
  return environmentRoute(context, ({ project }, environment) => {
    const here = environmentsPath(project.name)
    const removed = engine.environments.remove(environment.id)
    return removed.ok
      ? done(here, `The environment ${environment.name} was deleted.`)
      : failed(here, removed.error.message)
  })
}

function environmentRoute(
  context: WebContext,
  act: (visit: ProjectVisit, environment: EnvironmentRow) => Outcome,
): RequestHandler {
  const { environments } = context.options.store
  return projectRoute(context, (visit) => {
    const environment = environments.find(visit.id)
    return environment?.projectId === visit.project.id ? act(visit, environment) : undefined
  })
}
