// What keywords with an effect beyond one machine are read into. Validated and kept with the job, so that lists, pages and later
// executors can show or use them; how far each is carried out says src/ci/runtime-support.ts.

export interface CachePlan {
  readonly key: CacheKeyPlan
  readonly paths: readonly string[]
  readonly untracked: boolean
  readonly when: 'on_success' | 'on_failure' | 'always'
  /** `pull-push`, `pull`, `push`, or text with a variable. */
  readonly policy: string
  readonly unprotect: boolean
  readonly fallbackKeys: readonly string[]
}

/** A text, or a key made from files; GitLab's default is the text `default`. */
export type CacheKeyPlan =
  | { readonly kind: 'text'; readonly text: string }
  | {
      /** `files`: by their content; `files_commits`: by the last commits that touched them. */
      readonly kind: 'files' | 'files_commits'
      readonly files: readonly string[]
      readonly prefix: string | null
    }

export interface EnvironmentPlan {
  /** As written, variables included. */
  readonly name: string
  readonly url: string | null
  readonly action: string
  readonly onStop: string | null
  /** As written: `1 day`, `never`. */
  readonly autoStopIn?: string
  readonly deploymentTier?: string
}

export interface ReleasePlan {
  readonly tagName: string
  readonly tagMessage: string | null
  readonly name: string | null
  readonly description: string
  readonly ref: string | null
  readonly milestones: readonly string[]
  readonly releasedAt: string | null
  readonly links: readonly ReleaseLinkPlan[]
}

export interface ReleaseLinkPlan {
  readonly name: string
  readonly url: string
  readonly filepath: string | null
  readonly linkType: string | null
}

export interface PagesPlan {
  /** The folder that is published; GitLab: `public`. */
  readonly publish: string
  readonly pathPrefix: string | null
  readonly expireIn: string | null
}

export interface SecretPlan {
  readonly name: string
  /** Who keeps the value: `vault`, `gcp_secret_manager`, … */
  readonly provider: string
  /** Handed over as a file; GitLab: true. */
  readonly file: boolean
}

export interface IdTokenPlan {
  readonly name: string
  readonly aud: readonly string[]
}

/** Paths by the kind of report: `junit`, `dotenv`, …; `coverage_report` also has a format. */
export interface ReportsPlan {
  readonly paths: Readonly<Record<string, readonly string[]>>
  readonly coverage: { readonly format: 'cobertura' | 'jacoco'; readonly path: string } | null
}

export interface RunStepPlan {
  readonly name: string
  readonly kind: 'script' | 'step' | 'func'
  /** The script, or the reference of the step. */
  readonly text: string
}

/** Parameters of a job that a person may change when it is started by hand. */
export interface JobInputPlan {
  readonly name: string
  readonly type: string
  /** The text of the default; of a list its JSON. */
  readonly default: string
  /** Absent: any value; also in jobs stored by an earlier version. */
  readonly options?: readonly string[]
  /** As written, RE2. */
  readonly regex?: string
  readonly description: string | null
}

/** The pipeline that a trigger job starts. */
export type TriggerPlan = {
  readonly strategy: 'depend' | 'mirror' | null
  readonly forward: { readonly yamlVariables: boolean; readonly pipelineVariables: boolean }
} & (
  | {
      readonly kind: 'project'
      readonly project: string
      readonly branch: string | null
      /** Values for the `spec:inputs` of the other project's file; absent: none were written. */
      readonly inputs?: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'child'; readonly includes: readonly TriggerIncludePlan[] }
)

/** One `trigger:include` as written, as plain data: `local`, `artifact` and `job`, `inputs`, `rules`. */
export type TriggerIncludePlan = Readonly<Record<string, unknown>>

/** A need outside the pipeline: the artifacts of one job, or a pipeline whose status is mirrored. */
export type UpstreamNeedPlan =
  | {
      readonly kind: 'pipeline'
      readonly pipeline: string
      readonly job: string
      readonly artifacts: boolean
    }
  | {
      readonly kind: 'project'
      readonly project: string
      readonly ref: string
      readonly job: string
      readonly artifacts: boolean
    }
  | { readonly kind: 'mirror'; readonly pipeline: string }
