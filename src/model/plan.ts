import type { Location } from '../shared/diagnostic.ts'
import type {
  CachePlan,
  EnvironmentPlan,
  IdTokenPlan,
  JobInputPlan,
  PagesPlan,
  ReleasePlan,
  ReportsPlan,
  RunStepPlan,
  SecretPlan,
  TriggerPlan,
  UpstreamNeedPlan,
} from './keyword-plans.ts'
import type { Variable, VariableOrigin } from './variable.ts'

export type When = 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed'

/** What a pipeline will be, for one ref, source and set of variables. Frozen, free of ids and of time. */
export interface PipelinePlan {
  readonly name: string | null
  /** Only stages that have a job, in order; `.pre` first, `.post` last. */
  readonly stages: readonly string[]
  readonly jobs: readonly JobPlan[]
  /** Every job of the file that is not in this pipeline, with the clause that decided. */
  readonly excluded: readonly JobVerdict[]
  /** What decided about the pipeline as a whole (`workflow:rules`); empty when the file has none. */
  readonly workflow: readonly TraceStep[]
  /** Where the file gives variables their values for all jobs: top level, then the workflow rule that matched. */
  readonly variables?: readonly VariableSource[]
  /** `workflow:auto_cancel`. */
  readonly autoCancel: {
    readonly onNewCommit: 'conservative' | 'interruptible' | 'none'
    readonly onJobFailure: 'none' | 'all'
  }
}

export interface JobPlan {
  readonly name: string
  readonly stage: string
  readonly stageIndex: number
  readonly when: When
  /** Seconds, for `delayed`. */
  readonly startIn: number | null
  readonly allowFailure: boolean
  /** `allow_failure:exit_codes`: allowed at failure time when the code is one of these. */
  readonly allowFailureExitCodes: readonly number[]
  /** `dag` when the job has `needs:` (also `[]`), else `stage`. */
  readonly scheduling: 'stage' | 'dag'
  /** Expanded job names. */
  readonly needs: readonly NeedPlan[]
  /** Names whose artifacts are fetched; null: GitLab's default (all earlier stages, or all needs with artifacts). */
  readonly dependencies: readonly string[] | null
  readonly tags: readonly string[]
  readonly interruptible: boolean
  readonly resourceGroup: string | null
  /** Rank 6 of the precedence order: global < workflow < job < matrix < rules, already merged by `inherit`. */
  readonly variables: readonly Variable[]
  readonly options: JobOptions
  /** `parallel`: index from 1 and total; null otherwise. */
  readonly parallel: { readonly index: number; readonly total: number } | null
  /** Absent or null: the job has none. */
  readonly environment?: EnvironmentTarget | null
  readonly verdict: JobVerdict
}

/** The environment that a job is for, variables expanded. */
export interface EnvironmentTarget {
  readonly name: string
  /** A duration, or `never`; null: not written. */
  readonly autoStopIn: string | null
  readonly tier: string | null
}

export interface NeedPlan {
  readonly job: string
  readonly artifacts: boolean
  readonly optional: boolean
}

/** What only the runner and the pages need; stored as JSON. */
export interface JobOptions {
  readonly beforeScript: readonly string[]
  readonly script: readonly string[]
  readonly afterScript: readonly string[]
  readonly image: string | null
  readonly services: readonly string[]
  readonly artifacts: ArtifactsPlan | null
  /** Seconds. */
  readonly timeout: number | null
  readonly retry: {
    readonly max: number
    readonly when: readonly string[]
    readonly exitCodes: readonly number[]
  } | null
  /** The source text of `coverage:` between its slashes. */
  readonly coverage: string | null
  readonly environment: EnvironmentPlan | null
  // What follows is absent when it was not written, as in jobs stored by an earlier version.
  readonly cache?: readonly CachePlan[]
  readonly release?: ReleasePlan
  readonly pages?: PagesPlan
  readonly secrets?: readonly SecretPlan[]
  readonly idTokens?: readonly IdTokenPlan[]
  readonly identity?: string
  /** `hooks:pre_get_sources_script`. */
  readonly preGetSourcesScript?: readonly string[]
  /** Some job of the pipeline may want to find what another one left in its workspace. */
  readonly keepWorkspace?: true
  readonly run?: readonly RunStepPlan[]
  readonly inputs?: readonly JobInputPlan[]
  /** Asked before a manual job is started. */
  readonly manualConfirmation?: string
  /** The job is a bridge: it starts a pipeline instead of a script. */
  readonly trigger?: TriggerPlan
  /** Needs outside this pipeline. */
  readonly upstream?: readonly UpstreamNeedPlan[]
  /** Jobs that were not named on the command line and whose artifacts this one would have: their newest success serves. */
  readonly earlierArtifacts?: readonly string[]
  /** One sentence for each keyword that has less effect here than on GitLab; the runner prints them. */
  readonly notices?: readonly string[]
}

export interface ArtifactsPlan {
  readonly name: string | null
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
  readonly untracked: boolean
  readonly when: 'on_success' | 'on_failure' | 'always'
  /** As written: `1 week`, `never`; null: the instance's default. */
  readonly expireIn: string | null
  /** Absent: none were written. */
  readonly reports?: ReportsPlan
  /** Under which name merge requests show the paths. */
  readonly exposeAs?: string
  /** Who may fetch them on GitLab; `public: true` is `all`. */
  readonly access?: 'none' | 'developer' | 'maintainer' | 'all'
}

/** Why a job is in or out: the clauses looked at, in order, with the values compared. */
export interface JobVerdict {
  readonly job: string
  readonly stage: string
  readonly in: boolean
  /** One sentence: `only: tags — "main" is a branch`. */
  readonly because: string
  readonly steps: readonly TraceStep[]
  /** Where the job is written. */
  readonly location: Location
  /** Where the job gives variables their values, weakest first: its own, its matrix, the rule that matched. Absent: nowhere. */
  readonly variables?: readonly VariableSource[]
}

/** One place in the CI file that gives a variable a value, whether or not that value is the one that holds. */
export interface VariableSource {
  readonly key: string
  readonly value: string
  readonly origin: VariableOrigin
  readonly location: Location
  /** `expand: false`. */
  readonly raw?: true
}

export interface TraceStep {
  /** `rule 1`, `only`, `except`, `workflow rule 2`. */
  readonly label: string
  readonly matched: boolean
  /** The clause as written: `if: $CI_COMMIT_TAG`. */
  readonly clause: string
  /** The comparison with its values: `"feature/x" == "main"`. */
  readonly detail: string
  readonly location: Location
}
