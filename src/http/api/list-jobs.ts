import type { RequestHandler } from 'express'
import { STATUSES } from '../../model/status.ts'
import { err, ok } from '../../shared/result.ts'
import type { ParamMap } from '../body/request-value.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { cursorOf, readKeyset } from './keyset.ts'
import { paginated, readPage, toQuery } from './pagination.ts'
import { presentJobs } from './present.ts'
import { projectRoute } from './route.ts'

/** `GET /projects/:id/jobs`, newest first, never counted; `pagination=keyset` as GitLab. */
export function listProjectJobs(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      statuses: params.someOf('scope', STATUSES) ?? [],
      ref: params.text('ref')?.trim() ? params.text('ref') : undefined,
      page: readPage(params),
      keyset: readKeyset(params),
    }),
    async ({ project, params: { statuses, ref, page, keyset }, sent, path }) => {
      if (keyset === 'unsupported') return err({ kind: 'keyset_unsupported' })
      if (keyset === 'invalid_cursor') return err({ kind: 'bad_request', reason: 'Invalid cursor' })
      const filter = { statuses, ref, before: keyset?.before }
      const place = keyset ? { limit: page.limit + 1, offset: 0 } : page
      const ids = options.store.jobLists.ofProject(project.id, filter, place)
      const jobs = ids.slice(0, page.limit).flatMap((id) => options.store.jobs.find(id) ?? [])
      const items = await presentJobs(options, project, jobs)
      const url = options.externalUrl() + path
      if (!keyset) return ok(paginated({ page, items, total: null, url, sent }))
      const last = jobs.at(-1)
      return ok(json(200, items, ids.length > page.limit && last ? nextLink(url, sent, last.id) : {}))
    },
    { jobToken: true },
  )
}

function nextLink(url: string, sent: ParamMap, lastId: number): Readonly<Record<string, string>> {
  const next = new Map([...sent, ['cursor', cursorOf(lastId)] as const])
  return { Link: `<${url}?${toQuery(next)}>; rel="next"` }
}
