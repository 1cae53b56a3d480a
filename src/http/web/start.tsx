import type { RequestHandler } from 'express'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Store } from '../../store/store.ts'
import { pipelineFigures } from '../pipeline-figures.ts'
import { mayRead } from '../permissions.ts'
import { html } from './html-reply.ts'
import { pageRoute, type WebContext } from './page-route.tsx'
import type { ListedPipeline } from './pipeline-table.tsx'
import { StartPage } from './start-page.tsx'

const NEWEST_PIPELINES = 5
/** Schedules that are looked at for the next run of a project. */
const MOST_SCHEDULES = 100

/** `/`: the projects and their newest pipelines. */
export function startPage(context: WebContext): RequestHandler {
  const { options } = context
  const { store } = options
  return pageRoute(context, ({ user, frame }) => {
    const projects = options.projects
      .all()
      .filter((project) => mayRead(store, user.id, project.id))
      .map((project) => ({
        project,
        pipelines: listed(store, store.pipelines.newest(project.id, NEWEST_PIPELINES)),
        nextRunAt: nextRunOf(store, project.id),
      }))
    return html(200, {
      page: <StartPage frame={frame} projects={projects} externalUrl={options.externalUrl()} />,
      nonce: null,
    })
  })
}

export function listed(store: Store, pipelines: readonly Pipeline[]): ListedPipeline[] {
  return pipelines.map((pipeline) => ({
    pipeline,
    warnings: pipelineFigures(pipeline, store.jobs.figuresOf(pipeline.id)).warnings,
  }))
}

function nextRunOf({ schedules }: Store, projectId: number): number | null {
  const active = schedules.page(projectId, { active: true }, { limit: MOST_SCHEDULES, offset: 0 }).schedules
  const instants = active.flatMap(({ nextRunAt }) => nextRunAt ?? [])
  return instants.length === 0 ? null : Math.min(...instants)
}
