import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Refusal } from '../ci/include/port.ts'
import type { GitRepository } from '../platform/git.ts'
import type { CompileRequest } from './compile.ts'
import { folderTree, gitProject, projectAtPath, type SourceProject, type SourceTree } from './source-tree.ts'
import { CACHE_IN_REPOSITORY, type IncludeSources, type ServedSource } from './include-sources.ts'

/** What finding projects needs of a compilation. */
export interface ProjectSearch {
  readonly request: CompileRequest
  readonly sources: IncludeSources
  /** The cache folder; null: there is none. */
  readonly cache: string | null
  /** Projects that were looked for before, by their name in small letters and who asks. */
  readonly known: Map<string, readonly SourceProject[]>
  readonly opened: (repository: GitRepository) => void
}

/** A project's files at a ref, and the ref as diagnostics show it. */
export interface FoundTree {
  readonly tree: SourceTree
  readonly ref: string
}

/**
 * The files of a project at a ref: of the pipeline's own, a stand-in of the configuration, a served one, or out of the
 * cache. GitLab: who has no account reads no private project, and a legacy trigger is nobody; stand-ins are copies that
 * somebody put there, so that files from outside may use them.
 */
export async function findTree(
  name: string,
  ref: string | null,
  anonymous: boolean,
  search: ProjectSearch,
): Promise<FoundTree | Refusal> {
  const projects = projectsNamed(name, anonymous, search)
  for (const project of projects) {
    const tree = await project.at(ref)
    if (tree !== undefined) return { tree, ref: ref ?? 'HEAD' }
  }
  const cached = cachedTree(name, ref, search)
  if (cached !== undefined) return { tree: cached, ref: ref ?? 'HEAD' }
  const reason = projects.length === 0 ? 'no_access' : 'no_ref'
  return { kind: 'refused', reason, help: helpFor(name, ref, reason, search) }
}

/** The places where a project of this name lies, the first that has what is asked for is taken. */
export function projectsNamed(
  name: string,
  anonymous: boolean,
  search: ProjectSearch,
): readonly SourceProject[] {
  const key = `${anonymous ? 'nobody' : 'user'} ${name.toLowerCase()}`
  const known = search.known.get(key) ?? lookUp(name.toLowerCase(), anonymous, search)
  search.known.set(key, known)
  return known
}

function lookUp(name: string, anonymous: boolean, search: ProjectSearch): SourceProject[] {
  const { request, sources, opened } = search
  const own = name === request.project.name.toLowerCase() ? ownProject(search) : []
  if (request.user === null) return own
  const path = sources.settings.projects.get(name)
  const standIn = path === undefined ? [] : [projectAtPath(path, name, opened)]
  if (anonymous) return standIn
  const served = own.length > 0 ? undefined : sources.served(name)
  return [...own, ...standIn, ...(served ? [servedProject(served)] : [])]
}

/** A folder that is under no git is read as it is now, not as it was when it was last asked for. */
function servedProject({ repository, project, refresh }: ServedSource): SourceProject {
  const source = gitProject(repository, project.name, project.defaultBranch)
  if (refresh === undefined) return source
  return {
    ...source,
    async at(ref) {
      await refresh()
      return source.at(ref)
    },
    async tags() {
      await refresh()
      return source.tags()
    },
  }
}

/** `sluice run` reads commits through a mirror without refs; branches and tags are in the user's repository. */
function ownProject({ request, opened }: ProjectSearch): SourceProject[] {
  const { project, repository } = request
  const branch = project.defaultBranch
  return [
    gitProject(repository, project.name, branch),
    ...(existsSync(join(project.path, '.git')) ? [projectAtPath(project.path, project.name, opened)] : []),
  ]
}

/** What somebody put into the cache; a legacy trigger does not reach that either. */
function cachedTree(
  name: string,
  ref: string | null,
  { cache, request }: ProjectSearch,
): SourceTree | undefined {
  if (cache === null || request.user === null) return undefined
  const path = safePath(`projects/${name}/${ref ?? 'HEAD'}`)
  const folder = path === undefined ? undefined : join(cache, path)
  if (folder === undefined || !existsSync(folder)) return undefined
  return folderTree(folder, name)
}

/** Names of projects, refs and hosts become folders: none of them may lead elsewhere. */
export function safePath(path: string): string | undefined {
  const parts = path.split('/')
  return parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0')
    ? undefined
    : path
}

function helpFor(
  name: string,
  ref: string | null,
  reason: 'no_access' | 'no_ref',
  search: ProjectSearch,
): string {
  const { request } = search
  if (request.user === null)
    return 'a legacy trigger has no user and reaches no other project; give the trigger an owner'
  const wanted = ref === null ? name : `${name} at ${ref}`
  const place = `${cacheName(search)}/projects/${name}/${ref ?? 'HEAD'}/`
  if (reason === 'no_ref')
    return `the copy of ${name} has no branch, tag or commit "${ref ?? 'HEAD'}"; fetch it there, or put the files into ${place}`
  return `Sluice is offline and has no copy of ${wanted}: put the files into ${place}, or name a clone with \`includes: {projects: {${name}: PATH}}\` in runner.config.yaml`
}

/** The cache folder as a person would write it. */
export function cacheName({ cache, request }: Pick<ProjectSearch, 'cache' | 'request'>): string {
  return cache === null || cache === join(request.project.path, CACHE_IN_REPOSITORY)
    ? CACHE_IN_REPOSITORY
    : cache
}
