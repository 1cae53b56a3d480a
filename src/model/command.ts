import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import type { TriggerIncludePlan } from './keyword-plans.ts'
import type { MergeRequest } from './merge-request.ts'
import type { PipelineSource } from './source.ts'
import type { TriggerRequest } from './provenance.ts'
import type { Variable } from './variable.ts'

/** The one thing that starts a pipeline. Trigger, schedule, watcher, page and `sluice run` differ only in what they fill in. */
export interface CreatePipelineCommand {
  readonly projectId: number
  readonly source: PipelineSource
  readonly checkout: Checkout
  /** For the source `merge_request_event`; its source branch is the ref that is checked out. */
  readonly mergeRequest?: MergeRequest | null
  /** Pipeline variables (rank 12, or 13 for a schedule), in the order given. */
  readonly variables: readonly Variable[]
  /** Values for `spec:inputs`. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** Who it runs as; null for a legacy trigger. */
  readonly userId: number | null
  readonly request: TriggerRequest | null
  readonly triggerId: number | null
  /** Unique over all pipelines, for sources that could repeat themselves after a crash. */
  readonly sourceKey: string | null
  /** GitLab saves a failed pipeline for a trigger whose configuration is invalid, and none for the API's `POST /pipeline`. */
  readonly saveInvalid: boolean
  /** Jobs named on the command line; null: all. */
  readonly selection: readonly string[] | null
  /** The CI file, when it is not the project's. Relative to the root of the repository. */
  readonly configPath: string | null
  /** The job that starts this pipeline: a bridge, or one that called the API with its token. */
  readonly parentJobId?: number | null
  readonly scheduleId?: number | null
  /** Keys of those of `variables` that the trigger itself gives, whatever its caller sends. */
  readonly fixedVariables?: readonly string[]
  /** GitLab: only a push looks for `[skip ci]` in the commit's message. */
  readonly honourSkipCi?: boolean
  /** `git push -o ci.skip`: whatever the message says. */
  readonly skip?: boolean
  /** What a bridge includes; a child pipeline has no CI file of its own. */
  readonly childConfig?: ChildConfig | null
}

/** The `include` list of a trigger job; artifacts are read from the archives of the pipeline that the job belongs to. */
export interface ChildConfig {
  readonly includes: readonly TriggerIncludePlan[]
  readonly parentPipelineId: number
}

/** What is checked out, and what the rules believe it to be. */
export type Checkout =
  /** A branch or tag as a caller names it: `main`, `refs/tags/v1`. Resolved when the pipeline is created. */
  | { readonly kind: 'ref'; readonly ref: string }
  /** Known beforehand: `sluice run`, the watcher. */
  | {
      readonly kind: 'commit'
      readonly ref: string
      readonly tag: boolean
      readonly sha: string
      readonly snapshotSha: string | null
      readonly beforeSha: string
    }

/** Why no pipeline came to be; `message` is GitLab's text. */
export interface Refusal {
  readonly reason:
    | 'reference_not_found'
    | 'reference_ambiguous'
    | 'missing_config'
    | 'invalid_variables'
    | 'duplicate_variable'
    | 'filtered_by_workflow_rules'
    | 'filtered_by_rules'
    | 'too_many_inputs'
    | 'insufficient_permissions'
    /** `triggers.variables` of the project. */
    | 'variable_not_allowed'
    /** Too many pipelines wait. */
    | 'too_many_waiting'
    | 'unknown_job'
  readonly message: string
  /** Our own words: what was looked at, what is close. */
  readonly detail: string | null
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: Sources
}

export type CreatePipelineResult =
  | {
      readonly kind: 'created'
      readonly pipelineId: number
      readonly warnings: readonly Diagnostic[]
      readonly sources: Sources
    }
  /** The configuration is wrong. `pipelineId` names the failed pipeline where the command asked to keep one. */
  | {
      readonly kind: 'invalid'
      readonly pipelineId: number | null
      readonly diagnostics: readonly Diagnostic[]
      readonly sources: Sources
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
