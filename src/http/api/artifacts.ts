import { join } from 'node:path'
import type { RequestHandler } from 'express'
import type { Job } from '../../model/job.ts'
import type { Project } from '../../model/project.ts'
import { isAvailable } from '../../pipeline/artifact-expiry.ts'
import { archiveEntries, type ArchiveEntry } from '../../platform/archive-folder.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { ArtifactRow } from '../../store/artifacts.ts'
import { archiveReply, fileReply } from '../artifact-body.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json, NO_CONTENT } from '../reply.ts'
import { artifactName } from './entities/job.ts'
import { forRole } from './guards.ts'
import { findBuild, readJobId } from './jobs.ts'
import { paginated, readPage } from './pagination.ts'
import type { ParamReader } from './param-reader.ts'
import { presentJob } from './present.ts'
import { projectRoute, type Answer } from './route.ts'
import { verbProblem } from './verb-problem.ts'

const JOB_TOKEN = { jobToken: true }
const NOTHING: Problem = { kind: 'not_found', what: null }

/** `GET …/jobs/:job_id/artifacts`: the archive as a zip. */
export function downloadArchive(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    readJobId,
    ({ project, params, headers }) => {
      const job = findBuild(options, project.id, params.jobId)
      return job.ok ? sendArchive(options, job.value, headers.range) : job
    },
    JOB_TOKEN,
  )
}

/** `GET /projects/:id/jobs/artifacts/:ref_name/download?job=NAME`: of the newest success of a ref. */
export function downloadArchiveOfRef(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    readRefAndJob,
    ({ project, params, headers }) => {
      const job = findByRef(options, project, params)
      return job.ok ? sendArchive(options, job.value, headers.range) : job
    },
    JOB_TOKEN,
  )
}

/** `GET …/jobs/:job_id/artifacts/*path`: one file, its type by its ending. */
export function downloadFile(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readJobId(params), artifactPath: params.text('artifact_path') ?? '' }),
    ({ project, params }) => {
      const job = findBuild(options, project.id, params.jobId)
      return job.ok ? sendFile(options, job.value, params.artifactPath, 'by-ending') : job
    },
    JOB_TOKEN,
  )
}

/** `GET /projects/:id/jobs/artifacts/:ref_name/raw/*path?job=NAME` */
export function downloadFileOfRef(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readRefAndJob(params), artifactPath: params.text('artifact_path') ?? '' }),
    ({ project, params }) => {
      const job = findByRef(options, project, params)
      return job.ok ? sendFile(options, job.value, params.artifactPath, 'as-text') : job
    },
    JOB_TOKEN,
  )
}

/** `GET …/jobs/:job_id/artifacts/tree?path=&recursive=`: what the archive holds. A file of that name goes before. */
export function browseArtifacts(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      ...readJobId(params),
      below: (params.text('path') ?? '').replace(/^\/+|\/+$/g, ''),
      recursive: params.flag('recursive') ?? false,
      page: readPage(params),
    }),
    async ({ project, params, sent, path }) => {
      const job = findBuild(options, project.id, params.jobId)
      if (!job.ok) return job
      const own = await sendFile(options, job.value, 'tree', 'by-ending')
      if (own.ok) return own
      const archive = archiveOf(options, job.value)
      if (!archive) return err(NOTHING)
      const { page } = params
      const entries = entriesBelow(archiveEntries(join(options.store.stateDir, archive.path)), params)
      if (entries === undefined) return err(NOTHING)
      const items = entries.slice(page.offset, page.offset + page.limit).map(entryEntity)
      return ok(paginated({ page, items, total: entries.length, url: options.externalUrl() + path, sent }))
    },
    JOB_TOKEN,
  )
}

/** `POST …/jobs/:job_id/artifacts/keep`: 200 with the job (GitLab). */
export function keepArtifacts(options: HttpOptions): RequestHandler {
  return projectRoute(options, readJobId, (visit) => {
    const job = findBuild(options, visit.project.id, visit.params.jobId)
    if (!job.ok) return job
    return forRole<typeof visit.params>(options, 'developer', async ({ project }) => {
      const kept = options.engine.verbs.keepArtifacts(job.value.id)
      return kept.ok
        ? ok(json(200, await presentJob(options, project, job.value)))
        : err(verbProblem(kept.error))
    })(visit)
  })
}

/** `DELETE …/jobs/:job_id/artifacts`, for maintainers; 204 too when there are none (GitLab). */
export function deleteArtifacts(options: HttpOptions): RequestHandler {
  return projectRoute(options, readJobId, (visit) =>
    forRole<typeof visit.params>(options, 'maintainer', ({ project, params }) => {
      const job = findBuild(options, project.id, params.jobId)
      if (!job.ok) return job
      const deleted = options.engine.verbs.deleteArtifacts(job.value.id)
      return deleted.ok || deleted.error.reason === 'no_artifacts'
        ? ok(NO_CONTENT)
        : err(verbProblem(deleted.error))
    })(visit),
  )
}

/** `DELETE /projects/:id/artifacts`: 202, the files go after the answer. */
export function deleteProjectArtifacts(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    () => ({}),
    forRole(options, 'maintainer', ({ project }) => {
      options.engine.projectArtifacts.expireAll(project.id)
      return ok(json(202, { message: '202 Accepted' }))
    }),
  )
}

function readRefAndJob(params: ParamReader) {
  return { ref: params.text('ref_name') ?? '', job: params.presentText('job') ?? '' }
}

/** GitLab: the job by name in the newest successful pipeline of the ref, or in the pipelines it started, parents first. */
function findByRef(
  { store }: HttpOptions,
  project: Project,
  wanted: { readonly ref: string; readonly job: string },
): Result<Job, Problem> {
  const newest = store.jobLists.newestSuccess(project.id, wanted.ref.replace(/^refs\/(heads|tags)\//, ''))
  let level = newest === undefined ? [] : [newest]
  while (level.length > 0) {
    for (const pipelineId of level) {
      const id = store.jobLists.named(pipelineId, wanted.job)
      const job = id === undefined ? undefined : store.jobs.find(id)
      if (job && store.artifacts.archiveOf(job.id)) return ok(job)
    }
    level = level.flatMap((pipelineId) => store.jobLists.childrenOf(pipelineId)).toSorted((a, b) => a - b)
  }
  // GitLab: here the look-up of the job itself has failed.
  return err({ kind: 'record_not_found' })
}

function archiveOf(options: HttpOptions, job: Job): ArtifactRow | undefined {
  const archive = options.store.artifacts.archiveOf(job.id)
  return archive && isAvailable(options, archive) ? archive : undefined
}

async function sendArchive(options: HttpOptions, job: Job, range: string | undefined): Promise<Answer> {
  const archive = archiveOf(options, job)
  if (!archive) return err(NOTHING)
  const { stateDir } = options.store
  const reply = await archiveReply(stateDir, join(stateDir, archive.path), artifactName(archive), range)
  return reply ? ok(reply) : err(NOTHING)
}

async function sendFile(
  options: HttpOptions,
  job: Job,
  path: string,
  as: 'by-ending' | 'as-text',
): Promise<Answer> {
  const archive = archiveOf(options, job)
  if (!archive) return err(NOTHING)
  if (path.split('/').includes('..') || path.includes('\0')) return err({ kind: 'bad_request', reason: null })
  const reply = await fileReply(join(options.store.stateDir, archive.path), path, as)
  return reply ? ok(reply) : err(NOTHING)
}

/** Undefined when there is no such folder. */
function entriesBelow(
  entries: readonly ArchiveEntry[],
  { below, recursive }: { readonly below: string; readonly recursive: boolean },
): readonly ArchiveEntry[] | undefined {
  const prefix = below === '' ? '' : `${below}/`
  if (below !== '' && !entries.some(({ path, kind }) => path === below && kind === 'folder')) return undefined
  return entries.filter(
    ({ path }) => path.startsWith(prefix) && (recursive || !path.slice(prefix.length).includes('/')),
  )
}

function entryEntity({ path, kind, size, mode }: ArchiveEntry) {
  return {
    name: path.split('/').at(-1) ?? path,
    path,
    type: kind === 'folder' ? 'directory' : kind === 'link' ? 'symlink' : 'file',
    size,
    mode: mode.toString(8).padStart(6, '100000'),
  }
}
