// A working tree is a commit: what is on the disk now, as a commit in a repository of ours, without touching the user's.
import { mkdirSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { incomingPrefix, quotePath, writeBareRepository } from './bare-repository.ts'
import { openCatFile } from './cat-file.ts'
import type { CatFile } from './cat-file.ts'
import { gitError, gitOutput, runGit } from './git-command.ts'
import type { GitPlace } from './git-command.ts'
import { readIdentity } from './identity.ts'
import type { Identity } from './identity.ts'
import { writeLooseObject } from './loose-object.ts'
import { canStayApart, lendBlobs, moveObjects } from './quarantine.ts'
import { isShortRefName } from './ref-name.ts'
import { chooseContent } from './snapshot-content.ts'
import type { SnapshotContent } from './snapshot-content.ts'
import { copyIndex, readStagedEdits, readStatus, updateIndex } from './staging.ts'
import type { StagingEnvironment } from './staging.ts'
import { editTree } from './tree-edit.ts'
import type { TreeEdit } from './tree-edit.ts'
import type { WorkTreeStatus } from './work-tree-status.ts'
import type { WorkTree } from './work-tree.ts'

export interface WorkTreeSnapshot {
  /** HEAD, or the snapshot itself while there is no commit. */
  readonly sha: string
  /** The commit that holds the files as they are; null when they are those of `sha`. */
  readonly snapshotSha: string | null
  /** What is not in the snapshot though it is on the disk, one line each. */
  readonly notices: readonly string[]
}

/**
 * Makes a commit of everything that git tracks or would add, as it is on the disk, on top of HEAD. Its objects are written to the
 * mirror, which must be open; nothing in the user's repository is written, and a clean tree costs one process. New files over
 * `limitBytes` are left out. Rejects with git's own words, for example when a filter fails.
 */
export async function snapshotWorkTree(
  tree: WorkTree,
  mirror: string,
  limitBytes: number,
): Promise<WorkTreeSnapshot> {
  try {
    return await trySnapshot({ tree, mirror, limitBytes })
  } catch {
    // The tree is alive: a file that was listed may be gone or be a folder when it is read. What fails twice is another matter.
    return trySnapshot({ tree, mirror, limitBytes })
  }
}

interface Attempt {
  readonly tree: WorkTree
  readonly mirror: string
  readonly limitBytes: number
}

async function trySnapshot(attempt: Attempt): Promise<WorkTreeSnapshot> {
  const { tree, mirror } = attempt
  const place: GitPlace = { kind: 'work-tree', folder: tree.root }
  const status = await readStatus(place)
  const content = await chooseContent(tree.root, status, attempt.limitBytes)
  const { headSha } = status
  const { notices } = content
  if (headSha !== null && !differs(status, content)) return { sha: headSha, snapshotSha: null, notices }
  const identity = readIdentity(tree.root)
  const folder = await mkdtemp(join(mirror, incomingPrefix))
  const objects = openCatFile(tree.gitDir)
  try {
    const edits = await stage({ ...attempt, place, status, content, folder, objects })
    if (headSha !== null && edits.length === 0) return { sha: headSha, snapshotSha: null, notices }
    const root = await writeTrees(mirror, {
      objects,
      edits,
      headSha,
      idLength: await idLengthOf(place, headSha),
    })
    const env = {
      GIT_OBJECT_DIRECTORY: join(mirror, 'objects'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: quotePath(join(tree.commonDir, 'objects')),
    }
    const commit = await commitTree(place, env, {
      tree: root,
      parent: headSha,
      message: 'Snapshot of the working tree',
      identity: await identity,
    })
    return headSha === null
      ? { sha: commit, snapshotSha: null, notices }
      : { sha: headSha, snapshotSha: commit, notices }
  } finally {
    objects.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether there is more to take than HEAD has. */
export function differs(status: WorkTreeStatus, content: SnapshotContent): boolean {
  return status.staged || content.updated.length > 0 || content.deleted.length > 0
}

interface Staging extends Attempt {
  readonly place: GitPlace
  readonly status: WorkTreeStatus
  readonly content: SnapshotContent
  readonly folder: string
  readonly objects: CatFile
}

/** Puts the blobs of changed files into the mirror; gives all that differs from HEAD. */
async function stage(staging: Staging): Promise<TreeEdit[]> {
  const { place, tree, folder, status, mirror } = staging
  const index = join(folder, 'index')
  const objectFolder = join(folder, 'objects')
  mkdirSync(join(objectFolder, 'pack'), { recursive: true })
  copyIndex(join(tree.gitDir, 'index'), index)
  const env: Record<string, string> = { GIT_INDEX_FILE: index, GIT_OBJECT_DIRECTORY: objectFolder }
  if (canStayApart(index))
    await lendBlobs(objectFolder, { root: tree.root, changed: status.changed, objects: staging.objects })
  else env['GIT_ALTERNATE_OBJECT_DIRECTORIES'] = quotePath(join(tree.commonDir, 'objects'))
  await updateIndex(place, env, staging.content)
  moveObjects(objectFolder, join(mirror, 'objects'))
  return readStagedEdits(place, { GIT_INDEX_FILE: index }, status.headSha ?? (await emptyTree(place)))
}

async function writeTrees(
  mirror: string,
  change: {
    readonly objects: CatFile
    readonly edits: readonly TreeEdit[]
    readonly headSha: string | null
    readonly idLength: number
  },
): Promise<string> {
  const { objects, edits, idLength } = change
  const read = async (name: string): Promise<{ id: string; bytes: Buffer }> => {
    const tree = await objects.contents(name, Number.MAX_SAFE_INTEGER)
    if (!tree?.bytes) throw new Error(`the tree ${name} is missing`)
    return { id: tree.id, bytes: tree.bytes }
  }
  const base = change.headSha === null ? null : (await read(`${change.headSha}^{tree}`)).id
  const { id, made } = await editTree({
    base,
    edits,
    idLength,
    read: async (tree) => (await read(tree)).bytes,
  })
  for (const object of made) writeLooseObject(join(mirror, 'objects'), object)
  return id
}

async function idLengthOf(place: GitPlace, headSha: string | null): Promise<number> {
  return (headSha ?? (await emptyTree(place))).length
}

/** The id of the tree without entries, which git knows without having it. */
async function emptyTree(place: GitPlace): Promise<string> {
  return (await gitOutput({ place, args: ['hash-object', '-t', 'tree', '--stdin'], input: '' }))
    .toString()
    .trim()
}

/**
 * Commits the content of a plain folder to a branch of a bare repository of ours at `gitDir`, made when it is not there. The
 * branch stays where it is when its last commit has the same content. Other refs stay, and so does every repository around the
 * folder. Safe in several processes at once.
 */
export async function snapshotFolder(
  folder: string,
  gitDir: string,
  branch: string,
): Promise<{ readonly sha: string }> {
  if (!isShortRefName(branch)) throw new Error(`${JSON.stringify(branch)} is not a name for a branch`)
  writeBareRepository({ gitDir, objectFormat: 'sha1', branch })
  const place: GitPlace = { kind: 'repository', gitDir, workTree: folder }
  const tree = await treeOfFolder(place, gitDir, folder)
  for (let attempt = 1; ; attempt++) {
    const tip = await tipOf(place, branch)
    if (tip?.tree === tree) return { sha: tip.sha }
    // A name of the machine's user, not one that a repository around the folder sets.
    const identity = await readIdentity('/')
    const sha = await commitTree(
      place,
      {},
      { tree, parent: tip?.sha ?? null, message: `Snapshot of ${basename(folder)}`, identity },
    )
    const moved = await runGit({
      place,
      args: ['update-ref', `refs/heads/${branch}`, sha, tip?.sha ?? '0'.repeat(40)],
    })
    if (moved.ok) return { sha }
    // Someone else has moved the branch in between: look again where it is.
    if (attempt === 10) throw gitError(moved.error)
  }
}

/** The index is kept beside the repository, so that files which did not change need not be read again. */
async function treeOfFolder(place: GitPlace, gitDir: string, folder: string): Promise<string> {
  const temporary = await mkdtemp(join(gitDir, incomingPrefix))
  try {
    const index = join(temporary, 'index')
    copyIndex(join(gitDir, 'index'), index)
    const env = { GIT_INDEX_FILE: index }
    const content = await chooseContent(folder, await readStatus(place, env), Number.POSITIVE_INFINITY)
    await updateIndex(place, env, content)
    const tree = (await gitOutput({ place, env, args: ['write-tree'] })).toString().trim()
    if (content.updated.length + content.deleted.length > 0) await rename(index, join(gitDir, 'index'))
    return tree
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function tipOf(
  place: GitPlace,
  branch: string,
): Promise<{ readonly sha: string; readonly tree: string } | undefined> {
  const ref = `refs/heads/${branch}`
  const listing = await gitOutput({
    place,
    args: ['for-each-ref', '--format=%(refname) %(objectname) %(tree)', ref],
  })
  const [, sha, tree] =
    listing
      .toString()
      .split('\n')
      .map((line) => line.split(' '))
      .find(([name]) => name === ref) ?? []
  return sha === undefined || tree === undefined ? undefined : { sha, tree }
}

interface NewCommit {
  readonly tree: string
  readonly parent: string | null
  readonly message: string
  readonly identity: Identity
}

async function commitTree(place: GitPlace, env: StagingEnvironment, commit: NewCommit): Promise<string> {
  const { name, email } = commit.identity
  const people = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  }
  const parents = commit.parent === null ? [] : ['-p', commit.parent]
  const args = ['commit-tree', ...parents, commit.tree]
  return (await gitOutput({ place, env: { ...env, ...people }, input: `${commit.message}\n`, args }))
    .toString()
    .trim()
}
