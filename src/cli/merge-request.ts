import { mergeBase } from '../compile/merge-base.ts'
import type { MergeRequest } from '../model/merge-request.ts'
import { openRepository } from '../platform/git.ts'
import { isShortRefName } from '../platform/ref-name.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { usageFailure, type Failure } from './failure.ts'
import type { CheckoutFlags } from './run-checkout.ts'

type Flags = Pick<CheckoutFlags, 'event' | 'source' | 'tag' | 'targetBranch'>

const isMergeRequest = ({ event, source }: Flags): boolean => (event ?? source) === 'merge_request_event'

/** Whether the flags about merge requests fit together. */
export function checkMergeRequest(flags: Flags): Result<null, Failure> {
  const { targetBranch, tag } = flags
  if (targetBranch !== undefined && !isMergeRequest(flags)) {
    const help = 'only a merge request has a target branch: add --event merge_request_event'
    return err(
      usageFailure('target_branch.without_event', '--target-branch needs --event merge_request_event', help),
    )
  }
  if (isMergeRequest(flags) && tag !== undefined) {
    const help = 'a merge request has a source branch: --ref NAME instead of --tag'
    return err(
      usageFailure('tag.merge_request', '--tag and --event merge_request_event exclude each other', help),
    )
  }
  if (targetBranch !== undefined && !isShortRefName(targetBranch))
    return err(usageFailure('target_branch.invalid', `"${targetBranch}" cannot be the name of a branch`))
  return ok(null)
}

/** A merge request of which nothing but its target branch is known. */
export function mergeRequestInto(targetBranch: string): MergeRequest {
  return { iid: 1, targetBranch, targetSha: null, diffBaseSha: null }
}

/** The merge request that the flags make of a commit, and what a person should know about it. Null: they ask for none. */
export interface AskedMergeRequest {
  readonly mergeRequest: MergeRequest | null
  readonly notices: readonly string[]
}

/**
 * Looks for the target branch where GitLab would have it, in the remote's copy, and then among the local branches. Rejects when the
 * repository cannot be read.
 */
export async function readMergeRequest(
  flags: Flags,
  {
    gitDir,
    sha,
    defaultBranch,
  }: { readonly gitDir: string; readonly sha: string; readonly defaultBranch: string },
): Promise<AskedMergeRequest> {
  if (!isMergeRequest(flags)) return { mergeRequest: null, notices: [] }
  const mergeRequest = mergeRequestInto(flags.targetBranch ?? defaultBranch)
  const { targetBranch } = mergeRequest
  const repository = openRepository(gitDir)
  try {
    const targetSha =
      (await repository.resolveRevision(`refs/remotes/origin/${targetBranch}`)) ??
      (await repository.resolveRevision(`refs/heads/${targetBranch}`))
    if (targetSha === undefined) return { mergeRequest, notices: [noBranch(targetBranch)] }
    const diffBaseSha = (await mergeBase(repository, targetSha, sha)) ?? null
    return { mergeRequest: { ...mergeRequest, targetSha, diffBaseSha }, notices: [] }
  } finally {
    repository.close()
  }
}

function noBranch(name: string): string {
  return `no branch "${name}" here or at origin: there is nothing to compare with, and every rules:changes is true`
}
