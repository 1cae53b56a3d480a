import { createHash } from 'node:crypto'
import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { FoundFile, IncludePort, IncludeRequest, ProjectAt, Refusal } from '../ci/include/port.ts'
import { ZERO_SHA } from '../model/pipeline.ts'
import type { Variable } from '../model/variable.ts'
import { closest } from '../shared/closest.ts'
import type { GitRepository } from '../platform/git.ts'
import { decodeText } from '../shared/decode-text.ts'
import type { CompileRequest } from './compile.ts'
import { comparedPaths, pushedPaths } from './changed-paths.ts'
import { findComponent } from './include-components.ts'
import { findRemote, findTemplate } from './include-outside.ts'
import { findTree, type ProjectSearch } from './include-projects.ts'
import { CACHE_IN_REPOSITORY, type IncludeSources } from './include-sources.ts'
import { type SourceTree, treeOf } from './source-tree.ts'

const NOTHING: IncludeSources = {
  settings: { projects: new Map(), remote: new Map(), templates: null, cache: null },
  served: () => undefined,
}

/** The includes of one compilation. `close` ends what was opened on the way. */
export interface IncludeReader {
  readonly port: IncludePort
  close(): void
}

/** Reads included files out of git, folders and the cache. Nothing here knows a network. */
export function openIncludes(
  request: CompileRequest,
  variables: () => Promise<readonly Variable[]>,
): IncludeReader {
  const opened: GitRepository[] = []
  const sources = request.includes ?? NOTHING
  const search: ProjectSearch = {
    request,
    sources,
    cache: cacheOf(request, sources),
    known: new Map(),
    opened: (repository) => opened.push(repository),
  }
  const root = treeOf(request.repository, request.project.name, request.treeSha)
  const places = new Map<ProjectAt, Place>([[root, { tree: root, name: null }]])
  const answers = new Map<string, Promise<FoundFile | Refusal>>()
  const remember = (tree: SourceTree, ref: string): ProjectAt => {
    places.set(tree, { tree, name: `${tree.project}@${ref}` })
    return tree
  }
  const read = (wanted: IncludeRequest): Promise<FoundFile | Refusal> => {
    if (wanted.kind === 'local') return readLocal(places.get(wanted.at), wanted.path, request)
    request.onOutside?.()
    if (wanted.kind === 'artifact') return readArtifact(wanted, root, request)
    return readElsewhere(wanted, search, remember)
  }
  return {
    close: () => opened.forEach((repository) => repository.close()),
    port: {
      root,
      anonymous: request.user === null,
      variables,
      read(wanted) {
        const key = keyOf(wanted, places)
        const known = answers.get(key) ?? read(wanted)
        answers.set(key, known)
        return known
      },
      paths: async (at) => (await places.get(at)?.tree.paths()) ?? [],
      async project(name, ref, anonymous) {
        request.onOutside?.()
        const found = await findTree(name, ref, anonymous, search)
        return 'kind' in found ? found : remember(found.tree, found.ref)
      },
      changedPaths: () => pushedPaths(request),
      comparedPaths: async (ref) => (await comparedPaths([ref], request)).get(ref) ?? null,
    },
  }
}

interface Place {
  readonly tree: SourceTree
  /** In front of the paths of its files; null: the pipeline's own files. */
  readonly name: string | null
}

function keyOf(wanted: IncludeRequest, places: ReadonlyMap<ProjectAt, Place>): string {
  if (wanted.kind !== 'local') return JSON.stringify(wanted)
  return `local ${[...places.keys()].indexOf(wanted.at)} ${wanted.path}`
}

/** The configured cache, or else the folder in the work tree. */
function cacheOf({ project }: CompileRequest, { settings }: IncludeSources): string | null {
  if (settings.cache !== null) return settings.cache
  const folder = join(project.path, CACHE_IN_REPOSITORY)
  return isAbsolute(folder) && existsSync(folder) ? folder : null
}

async function readLocal(
  place: Place | undefined,
  path: string,
  request: CompileRequest,
): Promise<FoundFile | Refusal> {
  const file = await place?.tree.read(path)
  if (place === undefined || file === undefined) {
    return { kind: 'refused', reason: 'missing', help: place ? await whyMissing(place, path, request) : null }
  }
  const name = place.name === null ? path : `${place.name}:${path}`
  return { kind: 'found', file: name, ...file, at: place.tree, component: null }
}

/** A file out of the archive of the parent's job; what it includes itself lies in the repository again. */
async function readArtifact(
  { job, path }: Extract<IncludeRequest, { kind: 'artifact' }>,
  root: ProjectAt,
  { upstream }: CompileRequest,
): Promise<FoundFile | Refusal> {
  if (!upstream?.readArtifact) return { kind: 'refused', reason: 'no_parent', help: null }
  const found = await upstream.readArtifact(job, path)
  if (!found.ok) return { kind: 'refused', ...found.error }
  const text = decodeText(found.value)
  const identity = createHash('sha256').update(found.value).digest('hex')
  return { kind: 'found', file: `artifacts of ${job}:${path}`, text, identity, at: root, component: null }
}

async function whyMissing(
  { tree, name }: Place,
  path: string,
  request: CompileRequest,
): Promise<string | null> {
  if (path.split('/').includes('..'))
    return 'a path is relative to the root of the repository and stays in it'
  const inFolder = tree.sha === ZERO_SHA
  const where = name ?? (inFolder ? 'this folder' : `commit ${tree.sha.slice(0, 8)}`)
  const paths = await tree.paths()
  const inWorkTree = name === null ? kindOf(request.project.path, path) : 'nothing'
  if (paths.includes(path) || (inFolder && inWorkTree === 'link'))
    return `in ${where} it is a symbolic link or a submodule, which GitLab does not read`
  if (inWorkTree === 'file') {
    return `not in ${where}; it exists in your work tree but is not committed`
  }
  const near = closest(
    path,
    paths.filter((other) => /\.ya?ml$/.test(other)),
  )
  return near === undefined ? `not in ${where}` : `not in ${where}; did you mean "${near}"?`
}

/** What lies at a path of a work tree; a link is also what lies behind one. */
function kindOf(root: string, path: string): 'file' | 'link' | 'nothing' {
  const file = join(root, path)
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return 'nothing'
  const inside = realpathSync(root)
  try {
    if (realpathSync(file) !== join(inside, path)) return 'link'
  } catch {
    return 'link' // to nowhere
  }
  return lstatSync(file).isFile() ? 'file' : 'nothing'
}

async function readElsewhere(
  wanted: Exclude<IncludeRequest, { kind: 'local' | 'artifact' }>,
  search: ProjectSearch,
  remember: (tree: SourceTree, ref: string) => ProjectAt,
): Promise<FoundFile | Refusal> {
  switch (wanted.kind) {
    case 'remote':
      return findRemote(wanted.url, wanted.integrity, search)
    case 'template':
      return findTemplate(wanted.name, search)
    case 'component': {
      const component = await findComponent(wanted.address, wanted.anonymous, search)
      if ('kind' in component) return component
      const { tree, ref, path, text, identity, facts } = component
      const at = remember(tree, ref)
      return { kind: 'found', file: `${tree.project}@${ref}:${path}`, text, identity, at, component: facts }
    }
    case 'project': {
      const found = await findTree(wanted.project, wanted.ref, wanted.anonymous, search)
      if ('kind' in found) return found
      const file = await found.tree.read(wanted.path)
      if (file === undefined) {
        const help = `not in ${wanted.project} at ${found.ref}, as it is here`
        return { kind: 'refused', reason: 'missing', help }
      }
      const at = remember(found.tree, found.ref)
      return {
        kind: 'found',
        file: `${wanted.project}@${found.ref}:${wanted.path}`,
        ...file,
        at,
        component: null,
      }
    }
  }
}
