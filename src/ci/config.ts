import type { Diagnostic, Sources, Span } from '../shared/diagnostic.ts'
import type {
  CachePlan,
  EnvironmentPlan,
  IdTokenPlan,
  JobInputPlan,
  PagesPlan,
  ReleasePlan,
  RunStepPlan,
  SecretPlan,
  TriggerPlan,
  UpstreamNeedPlan,
} from '../model/keyword-plans.ts'
import type { ArtifactsPlan, PipelinePlan, When } from '../model/plan.ts'
import type { Expression } from './expression/expression.ts'
import type { IncludedFile } from './include/work.ts'

/** A value with the place where it was written. */
export interface Spanned<T> {
  readonly value: T
  readonly span: Span
}

/**
 * A validated document: extends, references and defaults resolved, parallel jobs named, rules not yet
 * decided. Plain cloneable data, the same for every ref and every set of variables; it may be cached by the
 * blob ids of its files.
 */
export interface Config {
  readonly sources: Sources
  /** The includes that brought a file in, the nearest first; the first file has none. */
  readonly trails: ReadonlyMap<string, readonly Span[]>
  /** Every included file, in the order in which they were met. */
  readonly includes: readonly IncludedFile[]
  readonly warnings: readonly Diagnostic[]
  /** `.pre` first, `.post` last. */
  readonly stages: readonly string[]
  readonly variables: readonly VariableConfig[]
  readonly workflow: WorkflowConfig
  /** Visible jobs in the order written. */
  readonly jobs: ReadonlyMap<string, JobConfig>
  /** What deciding the rules will need to know of the repository. */
  readonly wants: { readonly changedPaths: boolean; readonly treePaths: boolean }
}

export interface JobConfig {
  readonly name: string
  /** The job's key. */
  readonly span: Span
  /** A bridge starts, or mirrors, another pipeline and has no script. */
  readonly kind: 'job' | 'bridge'
  readonly keywords: JobKeywords
  /** One for each `parallel` instance; null for an ordinary job. */
  readonly instances: readonly JobInstance[] | null
}

/** `unit 1/2` or `unit: [a, b]`. */
export interface JobInstance {
  readonly name: string
  /** From 1. */
  readonly index: number
  readonly total: number
  readonly variables: readonly VariableConfig[]
}

/** What each keyword of a job is read into. */
export interface JobValues {
  after_script: readonly string[]
  allow_failure: AllowFailureConfig
  artifacts: ArtifactsPlan
  before_script: readonly string[]
  cache: readonly CachePlan[]
  /** The text between the slashes. */
  coverage: string
  dast_configuration: true
  dependencies: readonly Spanned<string>[]
  environment: Spanned<EnvironmentPlan>
  except: PolicyConfig
  hooks: readonly string[]
  id_tokens: readonly IdTokenPlan[]
  identity: string
  image: string
  inherit: InheritConfig
  inputs: readonly JobInputPlan[]
  interruptible: boolean
  manual_confirmation: string
  needs: NeedsConfig
  only: PolicyConfig
  /** False: a job named `pages` that is not one. */
  pages: Partial<PagesPlan> | boolean
  parallel: ParallelConfig
  /** The folder of a pages job, in its older form. */
  publish: string
  release: ReleasePlan
  resource_group: string
  retry: RetryConfig
  rules: readonly RuleConfig[]
  run: Spanned<readonly RunStepPlan[]>
  script: readonly string[]
  secrets: readonly (SecretPlan & { readonly span: Span })[]
  services: readonly string[]
  stage: Spanned<string>
  /** Seconds. */
  start_in: number
  tags: readonly string[]
  /** Seconds. */
  timeout: number
  trigger: TriggerConfig
  variables: readonly VariableConfig[]
  when: When
}

/** The keywords of one job; absent: not written, and no default came in. */
export type JobKeywords = Readonly<Partial<JobValues>>

export interface VariableConfig {
  readonly key: string
  readonly value: string
  /** `expand: false`. */
  readonly raw: boolean
  readonly span: Span
  /** What a form for a new pipeline shows of it; top level only. */
  readonly prefill?: PrefillConfig
}

/** `description` and `options` of a variable. */
export interface PrefillConfig {
  readonly description: string | null
  /** The values to choose from; null: any. */
  readonly options: readonly string[] | null
}

/** `allowed` is false when exit codes are given: they decide at failure time. */
export interface AllowFailureConfig {
  readonly allowed: boolean
  readonly exitCodes: readonly number[]
}

export interface RetryConfig {
  readonly max: number
  readonly when: readonly string[]
  readonly exitCodes: readonly number[]
}

/** True: everything is inherited; false: nothing; a list: these. */
export interface InheritConfig {
  readonly default: boolean | readonly string[]
  readonly variables: boolean | readonly string[]
}

export interface NeedsConfig {
  readonly jobs: readonly NeedConfig[]
  /** Outside this pipeline. */
  readonly upstream: readonly Spanned<UpstreamNeedPlan>[]
}

export interface NeedConfig {
  readonly job: string
  readonly artifacts: boolean
  readonly optional: boolean
  /** `parallel:matrix`: only these instances of the job; null: all. */
  readonly matrix: readonly MatrixRow[] | null
  readonly span: Span
}

/** `trigger`, with what the checks between jobs look at. */
export interface TriggerConfig {
  readonly plan: TriggerPlan
  /** Jobs that write the configuration of a child pipeline. */
  readonly generators: readonly Spanned<string>[]
  readonly span: Span
}

export type ParallelConfig =
  | { readonly kind: 'number'; readonly total: number }
  | { readonly kind: 'matrix'; readonly rows: readonly MatrixRow[] }

/** One hash of a matrix: identifier and its values, in order. */
export type MatrixRow = readonly {
  readonly key: string
  readonly values: readonly string[]
  readonly span: Span
}[]

/** `only` or `except`: a sub-key that was not written is null. */
export interface PolicyConfig {
  readonly span: Span
  readonly refs: Spanned<readonly string[]> | null
  readonly variables: Spanned<readonly Condition[]> | null
  readonly changes: Spanned<readonly string[]> | null
  readonly kubernetes: Spanned<string> | null
}

export interface Condition {
  readonly text: string
  readonly expression: Expression
}

export interface RuleConfig {
  readonly span: Span
  readonly if: Spanned<Condition> | null
  readonly changes: ChangesConfig | null
  readonly exists: ExistsConfig | null
  readonly when: When | 'never' | null
  /** Seconds. */
  readonly startIn: number | null
  readonly allowFailure: boolean | null
  readonly variables: readonly VariableConfig[]
  readonly needs: NeedsConfig | null
  readonly interruptible: boolean | null
  readonly autoCancel: AutoCancelConfig | null
}

export interface ChangesConfig {
  readonly span: Span
  readonly paths: readonly string[]
  /** RE2 source; null when `paths` decide. */
  readonly regexp: string | null
  readonly compareTo: string | null
}

export interface ExistsConfig {
  readonly span: Span
  readonly paths: readonly string[]
  readonly regexp: string | null
  /** The project and the ref whose files count; null: those of the pipeline. */
  readonly project: string | null
  readonly ref: string | null
}

export interface AutoCancelConfig {
  readonly onNewCommit: PipelinePlan['autoCancel']['onNewCommit'] | null
  readonly onJobFailure: PipelinePlan['autoCancel']['onJobFailure'] | null
}

export interface WorkflowConfig {
  readonly name: string | null
  /** Null: the file has no `workflow:rules`. */
  readonly rules: readonly RuleConfig[] | null
  readonly autoCancel: AutoCancelConfig
}
