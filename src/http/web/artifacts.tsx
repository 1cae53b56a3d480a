import { join } from 'node:path'
import type { Request, RequestHandler } from 'express'
import type { Job } from '../../model/job.ts'
import { isAvailable } from '../../pipeline/artifact-expiry.ts'
import { archiveEntries } from '../../platform/archive-folder.ts'
import { archiveReply, fileReply } from '../artifact-body.ts'
import type { Reply } from '../reply.ts'
import { ArtifactsPage } from './artifacts-page.tsx'
import { html } from './html-reply.ts'
import { projectRoute, type ProjectVisit, type WebContext } from './page-route.tsx'

/** `…/-/jobs/:id/artifacts/browse` and what is below: a folder of the archive. */
export function browseArtifacts(context: WebContext): RequestHandler {
  return archiveRoute(context, ({ frame, project, request }, job, archive) => {
    const folder = pathOf(request)
    const prefix = folder === '' ? '' : `${folder}/`
    const all = archiveEntries(archive.folder)
    if (folder !== '' && !all.some(({ path, kind }) => path === folder && kind === 'folder')) return undefined
    const entries = all.filter(
      ({ path }) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'),
    )
    const page = <ArtifactsPage frame={frame} project={project} job={job} folder={folder} entries={entries} />
    return html(200, { page, nonce: null })
  })
}

/** `…/-/jobs/:id/artifacts/download`: the archive as a zip. */
export function downloadArtifacts(context: WebContext): RequestHandler {
  const { stateDir } = context.options.store
  return archiveRoute(context, ({ request }, _job, { folder, name }) =>
    archiveReply(stateDir, folder, name, request.headers.range),
  )
}

/** `…/-/jobs/:id/artifacts/raw/*path`: one file, to be kept and not to be shown: nothing of a job's runs here. */
export function downloadFile(context: WebContext): RequestHandler {
  return archiveRoute(context, ({ request }, _job, { folder }) =>
    fileReply(folder, pathOf(request), 'as-text'),
  )
}

interface Archive {
  readonly folder: string
  /** With its ending. */
  readonly name: string
}

type Answer = Reply | undefined | Promise<Reply | undefined>

function archiveRoute(
  context: WebContext,
  answer: (visit: ProjectVisit, job: Job, archive: Archive) => Answer,
): RequestHandler {
  const { options } = context
  const { store } = options
  return projectRoute(context, (visit) => {
    const job = store.jobs.find(visit.id)
    if (job?.projectId !== visit.project.id) return undefined
    const archive = store.artifacts.archiveOf(job.id)
    if (!archive || !isAvailable(options, archive)) return undefined
    const name = `${archive.name ?? 'artifacts'}.zip`
    return answer(visit, job, { folder: join(store.stateDir, archive.path), name })
  })
}

function pathOf({ params }: Request): string {
  const { path } = params
  return Array.isArray(path) ? path.join('/') : ''
}
