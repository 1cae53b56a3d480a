import type { Status } from './status.ts'

/** "Look again": rows or files have changed. Carries no truth of its own. */
export type PipelineEvent =
  | {
      readonly type: 'pipeline'
      readonly pipelineId: number
      readonly projectId: number
      readonly from: Status
      readonly to: Status
    }
  | {
      readonly type: 'job'
      readonly pipelineId: number
      readonly projectId: number
      readonly jobId: number
      readonly from: Status
      readonly to: Status
    }
  | { readonly type: 'trace'; readonly pipelineId: number; readonly jobId: number; readonly size: number }

export interface PipelineEvents {
  on(listener: (event: PipelineEvent) => void): () => void
}
