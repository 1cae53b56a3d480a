import { lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { quotePath } from '../../platform/bare-repository.ts'
import { gitSays } from '../../platform/git-said.ts'
import { copyIndex } from './job-repository.ts'

export interface LargeFilesWish {
  /** A fresh checkout, in which no job has worked yet. */
  readonly project: string
  /** Our own git directory of the slot. */
  readonly gitDir: string
  /** Objects of the mirror. */
  readonly objects: readonly string[]
  /** The user's own repository, work tree or bare; it is only read. */
  readonly source: string | undefined
  readonly signal: AbortSignal
}

/** Commits are looked at once. */
const answers = new Map<string, Promise<boolean>>()
const MOST_ANSWERS = 1_000

/** Whether a `.gitattributes` of the commit, whose files are checked out, gives something to Git LFS. */
export function usesLargeFiles(wish: { project: string; gitDir: string; sha: string }): Promise<boolean> {
  const key = `${wish.gitDir}:${wish.sha}`
  const known = answers.get(key)
  if (known) return known
  const oldest = answers.size < MOST_ANSWERS ? undefined : answers.keys().next().value
  if (oldest !== undefined) answers.delete(oldest)
  const answer = look(wish)
  answers.set(key, answer)
  return answer
}

async function look({ project, gitDir }: { project: string; gitDir: string }): Promise<boolean> {
  if (namesFilter(join(project, '.gitattributes'))) return true
  // Most commits have none in a folder, which their index tells without a process: it ends each path with a NUL.
  if (!readFileSync(join(gitDir, 'index')).includes('/.gitattributes\0')) return false
  const { said } = await gitSays({
    place: { kind: 'repository', gitDir, workTree: project },
    args: ['ls-files', '-z', '--', '*/.gitattributes'],
  })
  return said.split('\0').some((path) => path !== '' && namesFilter(join(project, path)))
}

function namesFilter(path: string): boolean {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  return entry?.isFile() === true && /\bfilter=lfs\b/.test(readFileSync(path, 'latin1'))
}

/** Whether git knows the command. */
export async function hasGitLfs(): Promise<boolean> {
  return (await gitSays({ place: { kind: 'none' }, args: ['lfs', 'version'] })).code === 0
}

/**
 * gitlab-runner: `git lfs pull` after the checkout. It runs outside of any sandbox, with the user's network settings and credentials, so it works with our own git
 * directory and never with the job's. What the user's repository has is taken from there (git-lfs looks beside alternates); the rest comes from its remote and is kept
 * beside the slots. The index goes to the job, so that git does not take the files for changed ones.
 */
export async function pullLargeFiles(wish: LargeFilesWish): Promise<{ code: number; said: string }> {
  const { project, gitDir, source } = wish
  shareStorage(gitDir)
  const own = source === undefined ? [] : await objectsOf(source)
  const pulled = await gitSays({
    place: { kind: 'work-tree', folder: project },
    settings: [...FILTER, ...(source === undefined ? [] : await addressesOf(source))],
    env: {
      GIT_DIR: gitDir,
      GIT_WORK_TREE: project,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: [...wish.objects, ...own].map(quotePath).join(':'),
    },
    args: ['lfs', 'pull'],
    signal: wish.signal,
  })
  copyIndex(join(gitDir, 'index'), join(project, '.git/index'))
  return pulled
}

/**
 * The same for a submodule that was just checked out, gitlab-runner's `git submodule foreach 'git lfs pull'`. Null: nothing to do. `address` is where it comes from,
 * `own` the user's own clone of it.
 */
export async function pullModuleFiles(wish: {
  readonly module: string
  readonly address: string | undefined
  readonly own: string | undefined
  readonly signal: AbortSignal
}): Promise<{ code: number; said: string } | null> {
  const { module, address, own, signal } = wish
  const place = { kind: 'work-tree', folder: module } as const
  const { said } = await gitSays({
    place,
    args: ['ls-files', '-z', '--', '.gitattributes', '*/.gitattributes'],
  })
  const asked = said.split('\0').some((path) => path !== '' && namesFilter(join(module, path)))
  if (!asked || !(await hasGitLfs())) return null
  return gitSays({
    place,
    settings: [...FILTER, ...(address === undefined ? [] : [`remote.origin.url=${address}`])],
    env: own === undefined ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: quotePath(join(own, 'objects')) },
    args: ['lfs', 'pull'],
    signal,
  })
}

/** A link and no `lfs.storage`: that would reach the git at the other end of a `file://` address as well. */
function shareStorage(gitDir: string): void {
  const link = join(gitDir, 'lfs')
  const shared = join(dirname(dirname(gitDir)), 'lfs')
  mkdirSync(shared, { recursive: true })
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(shared, link)
}

/** As `git lfs install` writes it; not every machine has done that. */
const FILTER = [
  'filter.lfs.clean=git-lfs clean -- %f',
  'filter.lfs.smudge=git-lfs smudge -- %f',
  'filter.lfs.process=git-lfs filter-process',
  'filter.lfs.required=true',
]

async function objectsOf(source: string): Promise<string[]> {
  const { code, said } = await gitSays({
    place: { kind: 'work-tree', folder: source },
    args: ['rev-parse', '--path-format=absolute', '--git-common-dir'],
  })
  return code === 0 ? [join(said.trimEnd(), 'objects')] : []
}

/** Where the user's repository has its large files from, in the words of git's configuration. */
async function addressesOf(source: string): Promise<string[]> {
  const { code, said } = await gitSays({
    place: { kind: 'work-tree', folder: source },
    args: ['config', '-z', '--get-regexp', String.raw`^(remote\.origin\.(lfs)?url|lfs\.url)$`],
  })
  if (code !== 0) return []
  return said
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.replace('\n', '='))
}
