import type { MergeRequest } from '../model/merge-request.ts'
import { ZERO_SHA } from '../model/pipeline.ts'
import type { PipelineSource } from '../model/source.ts'
import type { GitRepository } from '../platform/git.ts'
import { mergeBase } from './merge-base.ts'

export interface DiffRequest {
  readonly repository: GitRepository
  readonly source: PipelineSource
  readonly tag: boolean
  readonly mergeRequest?: MergeRequest | null
  readonly beforeSha: string
  /** Where the files are; for a snapshot its own commit, so that edits count as changes. */
  readonly treeSha: string
}

/**
 * The paths that `changes` looks at: what a push to a branch changed since its previous tip, and a merge request
 * since it left its target branch. Null, and every `changes` is then true, where GitLab has nothing to compare with: tags,
 * new branches, and every other source. A child pipeline has the previous tip and the merge request of its parent.
 */
export async function pushedPaths(request: DiffRequest): Promise<readonly string[] | null> {
  const { repository, source, tag, beforeSha, treeSha, mergeRequest } = request
  if (source === 'merge_request_event' || mergeRequest) {
    const base = mergeRequest?.diffBaseSha ?? null
    return base === null ? null : repository.changedPaths(base, treeSha)
  }
  const pushed = source === 'push' || source === 'parent_pipeline'
  if (!pushed || tag || beforeSha === ZERO_SHA) return null
  // A previous tip that is gone (a forced push, a shallow clone) is no base either.
  if ((await repository.commit(beforeSha)) === undefined) return null
  return repository.changedPaths(beforeSha, treeSha)
}

/**
 * For `changes:compare_to`: what changed since the merge base with each ref; null for a ref that does not
 * exist.
 */
export async function comparedPaths(
  refs: readonly string[],
  { repository, treeSha, sha }: Pick<DiffRequest, 'repository' | 'treeSha'> & { readonly sha: string },
): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const compared = new Map<string, readonly string[] | null>()
  for (const ref of refs) {
    const other = await repository.resolveRevision(ref)
    const base = other === undefined ? undefined : await mergeBase(repository, other, sha)
    compared.set(ref, other === undefined ? null : await repository.changedPaths(base ?? other, treeSha))
  }
  return compared
}
