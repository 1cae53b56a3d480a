// A working tree as `sluice run` would see it, read where it lies: no snapshot is written while nobody asks for what only one can say.
import { openRepository, type GitRepository } from './git.ts'
import { readRegularFile } from './regular-file.ts'
import { differs, snapshotWorkTree } from './snapshot.ts'
import { chooseContent } from './snapshot-content.ts'
import { readStatus } from './staging.ts'
import type { RawPath } from './work-tree-status.ts'
import type { WorkTree } from './work-tree.ts'

/** Stands for the commit that a snapshot of the working tree would be. */
const WORKING_TREE = 'working tree'

export interface WorkTreeFiles {
  /** HEAD; before the first commit the snapshot that was made. */
  readonly sha: string
  /** Names the files as they are, for `repository`; null when they are those of `sha`. */
  readonly snapshotSha: string | null
  readonly repository: GitRepository
}

export interface WorkTreeFilesOptions {
  /** New files over this size are left out, as in a snapshot. */
  readonly limitBytes: number
  /** Opens the repository that a snapshot is written to, and gives its git directory. */
  readonly mirror: () => Promise<string>
}

/** Looks at a working tree in one process. What a snapshot would leave out cannot be read here either. */
export async function openWorkTreeFiles(
  tree: WorkTree,
  options: WorkTreeFilesOptions,
): Promise<WorkTreeFiles> {
  const source = openRepository(tree.gitDir)
  // The commit is always asked for: its process starts while git looks at the files.
  if (tree.headSha !== null) void source.commit(tree.headSha).catch(() => undefined)
  const status = await readStatus({ kind: 'work-tree', folder: tree.root })
  const content = await chooseContent(tree.root, status, options.limitBytes)
  const { headSha } = status
  if (headSha !== null && !differs(status, content))
    return { sha: headSha, snapshotSha: null, repository: source }
  const snapshot = onceSnapshot(tree, options)
  // What is staged is told apart from what is on the disk by git alone.
  if (headSha === null || status.staged) {
    source.close()
    return snapshot()
  }
  const files = {
    root: tree.root,
    headSha,
    updated: new Set(content.updated),
    deleted: new Set(content.deleted),
  }
  return { sha: headSha, snapshotSha: WORKING_TREE, repository: overlay(source, files, snapshot) }
}

function onceSnapshot(
  tree: WorkTree,
  { mirror, limitBytes }: WorkTreeFilesOptions,
): () => Promise<WorkTreeFiles> {
  let made: Promise<WorkTreeFiles> | undefined
  const make = async (): Promise<WorkTreeFiles> => {
    const gitDir = await mirror()
    const { sha, snapshotSha } = await snapshotWorkTree(tree, gitDir, limitBytes)
    return { sha, snapshotSha, repository: openRepository(gitDir) }
  }
  return () => (made ??= make())
}

interface ChangedFiles {
  readonly root: string
  readonly headSha: string
  readonly updated: ReadonlySet<RawPath>
  readonly deleted: ReadonlySet<RawPath>
}

/** Lists and differences are asked of a real snapshot: only git knows filters and attributes. */
function overlay(
  source: GitRepository,
  files: ChangedFiles,
  snapshot: () => Promise<WorkTreeFiles>,
): GitRepository {
  let made: GitRepository | undefined
  const exact = async (sha: string): Promise<{ repository: GitRepository; sha: string }> => {
    if (sha !== WORKING_TREE) return { repository: source, sha }
    const { repository, ...real } = await snapshot()
    made = repository
    return { repository, sha: real.snapshotSha ?? real.sha }
  }
  return {
    ...source,
    async readFile(sha, path) {
      if (sha !== WORKING_TREE) return source.readFile(sha, path)
      const raw = Buffer.from(path).toString('latin1')
      if (files.updated.has(raw)) return readRegularFile(files.root, path)
      return files.deleted.has(raw) ? undefined : source.readFile(files.headSha, path)
    },
    async treePaths(sha) {
      const tree = await exact(sha)
      return tree.repository.treePaths(tree.sha)
    },
    async changedPaths(from, to) {
      const tree = await exact(to)
      return tree.repository.changedPaths(from, tree.sha)
    },
    close() {
      made?.close()
      source.close()
    },
  }
}
