import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Pipeline } from '../model/pipeline.ts'
import type { Project } from '../model/project.ts'
import { openRepository, type GitRepository } from '../platform/git.ts'
import { sweepMirror } from '../platform/mirror-sweep.ts'
import { fetchCommit, fetchInto, openMirror, pin, unpin } from '../platform/mirror.ts'
import type { ServedProject } from './served-project.ts'

/** The git directories behind the projects: what is read from, and what workspaces borrow from. */
export interface Mirrors {
  /** The git directory that workspaces borrow their objects from. */
  path(project: Pick<Project, 'id' | 'repository'>): string
  /** Brings a pipeline's commit into the mirror and pins it there, once for each pipeline. */
  prepare(project: Project, pipeline: Pipeline): Promise<void>
  /** The repository that refs and files are read from. */
  repository(project: Project): GitRepository
  /** Makes known where the objects of these projects are; of others it stays as it was. */
  serve(projects: readonly ServedProject[]): void
  /**
   * Takes away the pins of pipelines that are gone, of one project or wherever they are, and now and then the snapshots that they held.
   * `now` in ms.
   */
  unpin(pipelineIds: readonly number[], now: number, projectId?: number): Promise<void>
  close(): void
}

/** So many pipelines are remembered as prepared. */
const MOST_PREPARED = 1000

export function makeMirrors(): Mirrors {
  const served = new Map<number, ServedProject>()
  const repositories = new Map<string, GitRepository>()
  const prepared = new Map<number, Promise<void>>()

  function path(project: Pick<Project, 'id' | 'repository'>): string {
    const objects = served.get(project.id)?.objects
    return objects?.kind === 'mirrored' ? objects.mirror : project.repository
  }

  function open(gitDir: string): GitRepository {
    let repository = repositories.get(gitDir)
    if (!repository) repositories.set(gitDir, (repository = openRepository(gitDir)))
    return repository
  }

  async function bringInto(mirror: string, project: Project, sha: string): Promise<void> {
    const source = project.repository
    const isThere = async (): Promise<boolean> =>
      existsSync(join(mirror, 'HEAD')) && (await open(mirror).commit(sha)) !== undefined
    const gone = `commit ${sha} of ${project.name} is gone: git gc has removed it from ${project.path}`
    let failure = new Error(gone)
    try {
      await openMirrorOnce(mirror, source)
      if (await isThere()) return
      await fetchInto(mirror, source)
    } catch (error) {
      // A damaged branch ends a fetch of all; the commit that is wanted may be whole.
      if (error instanceof Error) failure = error
    }
    if (await isThere()) return
    await fetchCommit(mirror, source, sha).catch(() => {
      throw failure
    })
  }

  const opened = new Map<string, Promise<void>>()
  function openMirrorOnce(mirror: string, source: string): Promise<void> {
    return once(opened, mirror, () => openMirror({ source, mirror, borrow: false }))
  }

  async function prepareNow(project: Project, pipeline: Pipeline): Promise<void> {
    const sha = pipeline.snapshotSha ?? pipeline.sha
    const mirror = path(project)
    if (mirror !== project.repository) await bringInto(mirror, project, sha)
    await pin(mirror, pipeline.id, sha)
  }

  return {
    path,
    serve(projects) {
      for (const project of projects) served.set(project.project.id, project)
    },
    prepare(project, pipeline) {
      // The oldest have long been prepared; should one be wanted again, it is found done.
      const [oldest] = prepared.keys()
      if (prepared.size >= MOST_PREPARED && oldest !== undefined) prepared.delete(oldest)
      return once(prepared, pipeline.id, () => prepareNow(project, pipeline))
    },
    repository(project) {
      const objects = served.get(project.id)?.objects
      if (objects?.kind === 'mirrored' && objects.snapshots)
        return withSnapshots(open(project.repository), open(objects.mirror))
      return objects?.kind === 'borrowed'
        ? withRefsOf(open(objects.source), open(project.repository))
        : open(project.repository)
    },
    async unpin(pipelineIds, now, projectId) {
      for (const id of pipelineIds) prepared.delete(id)
      const all = [...served.values()].map(({ project }) => project)
      const projects = projectId === undefined ? all : all.filter(({ id }) => id === projectId)
      if (pipelineIds.length > 0)
        await Promise.all(projects.map((project) => unpinIn(path(project), pipelineIds, now)))
    },
    close() {
      for (const repository of repositories.values()) repository.close()
    },
  }
}

function withRefsOf(source: GitRepository, objects: GitRepository): GitRepository {
  return {
    ...objects,
    resolveRef: source.resolveRef,
    resolveRevision: source.resolveRevision,
    refs: source.refs,
  }
}

/** The user's repository, and what only the mirror has. */
function withSnapshots(source: GitRepository, mirror: GitRepository): GitRepository {
  const holder = async (sha: string): Promise<GitRepository> => ((await source.commit(sha)) ? source : mirror)
  return {
    ...source,
    commit: async (sha) => (await source.commit(sha)) ?? (await mirror.commit(sha).catch(() => undefined)),
    readFile: async (sha, path) => (await holder(sha)).readFile(sha, path),
    treePaths: async (sha) => (await holder(sha)).treePaths(sha),
    changedPaths: async (from, to) => (await holder(to)).changedPaths(from, to),
  }
}

/** Snapshots are swept when git's 256 object folders begin to fill: a sweep costs a walk through all of them. */
const SWEEP_FROM_FOLDERS = 100
/** A snapshot is written before it is pinned, so a young one is left alone. */
const SWEEP_OLDER_THAN_MS = 3_600_000

async function unpinIn(mirror: string, pipelineIds: readonly number[], now: number): Promise<void> {
  // A mirror is made for the first pipeline that needs it, so most projects of a daemon may have none.
  if (!existsSync(join(mirror, 'objects'))) return
  await unpin(mirror, pipelineIds)
  if (readdirSync(join(mirror, 'objects')).length < SWEEP_FROM_FOLDERS) return
  await sweepMirror(mirror, now - SWEEP_OLDER_THAN_MS)
}

/** One call for all who ask at once and later; a failure is tried again by the next. */
function once<K>(running: Map<K, Promise<void>>, key: K, work: () => Promise<void>): Promise<void> {
  let promise = running.get(key)
  if (!promise) {
    promise = work().catch((error: unknown) => {
      running.delete(key)
      throw error
    })
    running.set(key, promise)
  }
  return promise
}
