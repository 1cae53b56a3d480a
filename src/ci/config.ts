import type { Diagnostic, Sources, Span } from '../shared/diagnostic.ts'
import type { ArtifactsPlan, PipelinePlan, When } from '../model/plan.ts'
import type { Expression } from './expression/expression.ts'

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
  /** The text between the slashes. */
  coverage: string
  dependencies: readonly Spanned<string>[]
  except: PolicyConfig
  image: string
  inherit: InheritConfig
  interruptible: boolean
  needs: readonly NeedConfig[]
  only: PolicyConfig
  parallel: ParallelConfig
  retry: RetryConfig
  rules: readonly RuleConfig[]
  script: readonly string[]
  services: readonly string[]
  stage: Spanned<string>
  /** Seconds. */
  start_in: number
  tags: readonly string[]
  /** Seconds. */
  timeout: number
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

export interface NeedConfig {
  readonly job: string
  readonly artifacts: boolean
  readonly optional: boolean
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
  readonly needs: readonly NeedConfig[] | null
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
