import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ProjectAt } from '../ci/include/port.ts'
import { type GitRepository, openRepository } from '../platform/git.ts'
import { decodeText } from '../shared/decode-text.ts'
import { folderPaths, readFolderFile } from './folder-files.ts'

/** The files of a project at one commit, wherever they lie. */
export interface SourceTree extends ProjectAt {
  read(path: string): Promise<{ readonly text: string; readonly identity: string } | undefined>
  paths(): Promise<readonly string[]>
}

/** A project whose commits can be named. */
export interface SourceProject {
  readonly project: string
  /** `ref` null: the default branch. Undefined: there is no such ref. */
  at(ref: string | null): Promise<SourceTree | undefined>
  tags(): Promise<readonly string[]>
  /** Whether tags, branches and commits mean something here. */
  readonly hasHistory: boolean
}

export function treeOf(repository: GitRepository, project: string, sha: string): SourceTree {
  return {
    project,
    sha,
    async read(path) {
      const file = await repository.readFile(sha, path)
      return file && { text: decodeText(file.bytes), identity: file.blobId }
    },
    paths: () => repository.treePaths(sha),
  }
}

/** A git repository; `branch` is its default branch, null: what HEAD names. */
export function gitProject(repository: GitRepository, project: string, branch: string | null): SourceProject {
  return {
    project,
    hasHistory: true,
    async at(ref) {
      const sha = await findCommit(repository, ref ?? branch ?? 'HEAD')
      return sha === undefined ? undefined : treeOf(repository, project, sha)
    },
    tags: async () => (await repository.refs()).flatMap(({ name, tag }) => (tag ? [name] : [])),
  }
}

/** GitLab: a branch, a tag, a commit, and `HEAD`; no other revisions. */
async function findCommit(repository: GitRepository, ref: string): Promise<string | undefined> {
  const found = await repository.resolveRef(ref)
  if (typeof found === 'object') return found.sha
  // Of an ambiguous name git takes the tag; GitLab as well.
  if (found === 'ambiguous') return repository.resolveRevision(`refs/tags/${ref}`)
  return ref === 'HEAD' || /^[0-9a-f]{7,64}$/.test(ref) ? repository.resolveRevision(ref) : undefined
}

/** The files of a plain folder. */
export function folderTree(folder: string, project: string): SourceTree {
  return {
    project,
    sha: '',
    async read(path) {
      const file = await readFolderFile(folder, path)
      return file && { text: decodeText(file.bytes), identity: file.identity }
    },
    paths: () => folderPaths(folder),
  }
}

/** A plain folder: it has no history, and is what it is for every ref. */
function folderProject(folder: string, project: string): SourceProject {
  const tree = folderTree(folder, project)
  return { project, hasHistory: false, at: () => Promise.resolve(tree), tags: () => Promise.resolve([]) }
}

/** What lies at a path: the git directory of a repository (with or without files), or undefined for a plain folder. */
export function gitDirOf(path: string): string | undefined {
  const inside = join(path, '.git')
  const stats = statSync(inside, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return inside
  if (stats?.isFile()) {
    const target = /^gitdir: (.+)$/m.exec(readFileSync(inside, 'utf8'))?.[1]
    return target === undefined ? undefined : resolve(path, target.trim())
  }
  const isBare = ['HEAD', 'objects', 'refs'].every((name) =>
    statSync(join(path, name), { throwIfNoEntry: false }),
  )
  return isBare ? path : undefined
}

/** The project at a path; what it opens is handed to `opened`, to be closed. */
export function projectAtPath(
  path: string,
  project: string,
  opened: (repository: GitRepository) => void,
): SourceProject {
  const gitDir = gitDirOf(path)
  if (gitDir === undefined) return folderProject(path, project)
  const repository = openRepository(gitDir)
  opened(repository)
  return gitProject(repository, project, null)
}
