import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { readBranches, type BranchFacts } from '../app/branches.ts'
import type { Checkout } from '../model/command.ts'
import { ZERO_SHA } from '../model/pipeline.ts'
import { ensurePrivateDir } from '../platform/files.ts'
import { openRepository } from '../platform/git.ts'
import { openMirror } from '../platform/mirror.ts'
import { isShortRefName } from '../platform/ref-name.ts'
import { snapshotWorkTree } from '../platform/snapshot.ts'
import type { WorkTree } from '../platform/work-tree.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { EXIT } from './exit-code.ts'
import { failure, usageFailure, type Failure } from './failure.ts'
import { readMergeRequest, type AskedMergeRequest } from './merge-request.ts'
import type { RunFlags } from './run-flags.ts'
import { SNAPSHOT_LIMIT_BYTES } from './run-limits.ts'

/** What a run takes from the repository. */
export interface Work {
  readonly files: Files
  readonly branches: BranchFacts
  readonly checkout: Checkout
  readonly asked: AskedMergeRequest
}

/** The repository of ours that workspaces borrow from and snapshots are written to, in the state folder. */
export async function openRunMirror(tree: WorkTree, stateDir: string): Promise<Result<string, Failure>> {
  const mirror = join(stateDir, 'mirror.git')
  try {
    ensurePrivateDir(stateDir)
    await openMirror({ source: tree.gitDir, mirror, borrow: true })
    return ok(mirror)
  } catch (error) {
    return err(
      failure(
        EXIT.machine,
        'state.unusable',
        `the state folder ${stateDir} cannot be used: ${messageOf(error)}`,
      ),
    )
  }
}

/** Reads files and refs side by side; both processes are started before this first waits. */
export async function readWorkTree(
  tree: WorkTree,
  mirror: string,
  flags: RunFlags,
): Promise<Result<Work, Failure>> {
  try {
    const [files, branches] = await Promise.all([
      readFiles(tree, mirror, flags),
      readBranches(tree.gitDir, tree.branch),
    ])
    if (!files.ok) return files
    const checkout = checkoutOf(tree, files.value, branches, flags)
    if (!checkout.ok) return checkout
    const asked = await readMergeRequest(flags, { gitDir: tree.gitDir, sha: files.value.sha, ...branches })
    return ok({ files: files.value, branches, checkout: checkout.value, asked })
  } catch (error) {
    return err(failure(EXIT.machine, 'repository.unreadable', messageOf(error)))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The files that a run uses. */
export interface Files {
  readonly sha: string
  readonly snapshotSha: string | null
  readonly notices: readonly string[]
}

/** `--sha`: that commit. Otherwise the work tree as it is; a snapshot of it is written to the mirror when it is dirty. */
async function readFiles(tree: WorkTree, mirror: string, flags: RunFlags): Promise<Result<Files, Failure>> {
  if (flags.sha === undefined) return ok(await snapshotWorkTree(tree, mirror, SNAPSHOT_LIMIT_BYTES))
  const repository = openRepository(tree.gitDir)
  const sha = flags.sha.startsWith('-') ? undefined : await repository.resolveRevision(flags.sha)
  repository.close()
  if (sha === undefined)
    return err(usageFailure('sha.unknown', `no commit "${flags.sha}" in this repository`))
  return ok({ sha, snapshotSha: null, notices: [] })
}

/** Without a branch (HEAD is detached) rules see a branch of this name, which is what `git rev-parse --abbrev-ref HEAD` says. */
const DETACHED = 'HEAD'

/** The flags that say which files are meant, and what for. */
export type CheckoutFlags = Pick<
  RunFlags,
  'cwd' | 'file' | 'ref' | 'tag' | 'sha' | 'event' | 'source' | 'targetBranch'
>

/** What the rules take the files for. `--ref` and `--tag` change nothing else. */
export function checkoutOf(
  tree: WorkTree,
  files: Pick<Files, 'sha' | 'snapshotSha'>,
  branches: BranchFacts,
  flags: CheckoutFlags,
): Result<Extract<Checkout, { kind: 'commit' }>, Failure> {
  const ref = shortName(flags) ?? tree.branch ?? DETACHED
  if (!isShortRefName(ref))
    return err(usageFailure('ref.invalid', `"${ref}" cannot be the name of a branch or tag`))
  const { sha, snapshotSha } = files
  return ok({
    kind: 'commit',
    ref,
    tag: flags.tag !== undefined,
    sha,
    snapshotSha,
    beforeSha: beforeSha(tree, files, branches, flags),
  })
}

/** GitLab keeps the short name of `refs/heads/x`. */
function shortName({ tag, ref }: CheckoutFlags): string | undefined {
  return tag?.replace(/^refs\/tags\//, '') ?? ref?.replace(/^refs\/heads\//, '')
}

/** GitLab: the branch's previous tip for a push, zeros for everything else. Here the push would begin at the remote's copy. */
function beforeSha(
  tree: WorkTree,
  { sha, snapshotSha }: Pick<Files, 'sha' | 'snapshotSha'>,
  { pushedSha }: BranchFacts,
  flags: CheckoutFlags,
): string {
  const isPush = (flags.event ?? flags.source ?? 'push') === 'push' && flags.tag === undefined
  const isBranch = flags.ref === undefined || flags.ref === tree.branch
  const isNews = snapshotSha !== null || sha !== pushedSha
  return isPush && isBranch && isNews && pushedSha !== null ? pushedSha : ZERO_SHA
}

/** `--file` as a path from the root of the repository: from the current folder if it is there, else from the root. */
export function configPathOf(tree: WorkTree, flags: CheckoutFlags): Result<string | null, Failure> {
  if (flags.file === undefined) return ok(null)
  const fromHere = resolve(flags.cwd, flags.file)
  const file = existsSync(fromHere) || isAbsolute(flags.file) ? fromHere : join(tree.root, flags.file)
  const path = relative(tree.root, realFolder(file))
  if (path.startsWith('..') || isAbsolute(path)) {
    return err(
      usageFailure(
        'file.outside',
        `${flags.file} is not in ${tree.root}`,
        'a CI file is read from the repository that it belongs to',
      ),
    )
  }
  if (flags.sha === undefined && !existsSync(file))
    return err(usageFailure('file.missing', `${flags.file} does not exist`))
  return ok(path)
}

/** git names the work tree by its real path; the file itself may be a symbolic link inside it. */
function realFolder(file: string): string {
  try {
    return join(realpathSync(dirname(file)), basename(file))
  } catch {
    return file // its folder does not exist, which the caller reports
  }
}
