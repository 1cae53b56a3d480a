/** What is known of the merge request that a pipeline runs for. The source branch is the pipeline's ref. */
export interface MergeRequest {
  readonly iid: number
  readonly targetBranch: string
  /** Tip of the target branch; null: there is no such branch here. */
  readonly targetSha: string | null
  /** Where both branches part; null: unknown, and every `changes` is true. */
  readonly diffBaseSha: string | null
}
