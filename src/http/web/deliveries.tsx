import type { RequestHandler } from 'express'
import type { Problem } from '../problems.ts'
import { pipelinePath } from '../urls.ts'
import { DeliveriesPage } from './deliveries-page.tsx'
import { wholeNumber } from './form.ts'
import { html } from './html-reply.ts'
import { done, failed, projectRoute, type Outcome, type WebContext } from './page-route.tsx'
import { partOf } from './paging.tsx'
import { deliveriesPath } from './paths.ts'

const PER_PAGE = 50

/** `/-/trigger_requests`: every request to a trigger of the project, with its answer and the true reason of it. */
export function deliveriesPage(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectRoute(
    context,
    ({ frame, project, query }) => {
      const page = wholeNumber(query.text('page'), 1)
      const state = query.text('state') ?? ''
      const triggerId = wholeNumber(query.text('trigger_id'), 0)
      const wanted = {
        ...(triggerId === 0 ? {} : { triggerId }),
        ...(state === 'accepted' || state === 'refused' ? { accepted: state === 'accepted' } : {}),
      }
      const part = partOf({ page, perPage: PER_PAGE })
      const { requests, total } = store.triggerRequests.page(project.id, wanted, part)
      const deliveries = requests.map((row) => ({
        row,
        trigger: row.triggerId === null ? undefined : store.triggers.find(row.triggerId),
        pipeline: row.pipelineId === null ? undefined : store.pipelines.find(row.pipelineId),
      }))
      return html(200, {
        page: (
          <DeliveriesPage
            frame={frame}
            project={project}
            deliveries={deliveries}
            paging={{ page, perPage: PER_PAGE, total }}
            filter={{ state, trigger_id: triggerId === 0 ? '' : String(triggerId) }}
          />
        ),
        nonce: null,
      })
    },
    'maintainer',
  )
}

/** `POST /-/trigger_requests/:id/replay`: the same ref, variables and payload once more, as the trigger stands now. */
export function replayDelivery(context: WebContext): RequestHandler {
  const { store } = context.options
  return projectRoute(
    context,
    async ({ project, user, id, request }): Promise<Outcome | undefined> => {
      const row = store.triggerRequests.find(id)
      if (row?.projectId !== project.id) return undefined
      const userAgent = request.headers['user-agent'] ?? ''
      const made = await context.repeat({ project, user, row, userAgent })
      return made.ok
        ? done(pipelinePath(project.name, made.value.id), `Request #${id} was sent again.`)
        : failed(deliveriesPath(project.name), `Request #${id} was refused: ${wordsOf(made.error)}`)
    },
    'maintainer',
  )
}

function wordsOf(problem: Problem): string {
  switch (problem.kind) {
    case 'refused':
      return problem.refusal.detail ?? problem.refusal.message
    case 'invalid_config':
      return problem.text
    case 'bad_request':
    case 'forbidden':
      return problem.reason ?? problem.kind.replaceAll('_', ' ')
    case 'unavailable':
      return problem.why
    default:
      return problem.kind.replaceAll('_', ' ')
  }
}
