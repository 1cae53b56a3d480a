import type { MergeRequest } from '../model/merge-request.ts'
import type { Store } from '../store/store.ts'

/** The merge request that a pipeline runs for, read back from the variables it was given; null: none. */
export function mergeRequestOf({ configs }: Store, pipelineId: number): MergeRequest | null {
  const variables = new Map(
    configs.variablesOf(pipelineId)?.predefined.map(({ key, value }) => [key, value]) ?? [],
  )
  const targetBranch = variables.get('CI_MERGE_REQUEST_TARGET_BRANCH_NAME')
  const iid = Number(variables.get('CI_MERGE_REQUEST_IID'))
  if (targetBranch === undefined || !Number.isSafeInteger(iid)) return null
  const diffBaseSha = variables.get('CI_MERGE_REQUEST_DIFF_BASE_SHA') ?? null
  return { iid, targetBranch, targetSha: null, diffBaseSha }
}
