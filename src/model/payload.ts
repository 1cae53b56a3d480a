/** What a runner receives. Field names are those of GitLab's Runner API, so that one payload serves our runner and official ones. */
export interface JobPayload {
  readonly id: number
  readonly token: string
  readonly allow_git_fetch: boolean
  readonly job_info: {
    readonly id: number
    readonly name: string
    readonly stage: string
    readonly project_id: number
    readonly project_name: string
    readonly project_full_path: string
    readonly pipeline_id: number
  }
  readonly git_info: {
    readonly repo_url: string
    readonly ref: string
    readonly sha: string
    readonly before_sha: string
    readonly ref_type: 'branch' | 'tag'
    readonly refspecs: readonly string[]
    readonly depth: number
  }
  readonly runner_info: { readonly timeout: number }
  readonly variables: readonly PayloadVariable[]
  readonly steps: readonly PayloadStep[]
  readonly image: { readonly name: string } | null
  readonly services: readonly { readonly name: string }[]
  readonly artifacts: readonly PayloadArtifacts[]
  readonly cache: readonly PayloadCache[]
  readonly hooks: readonly { readonly name: string; readonly script: readonly string[] }[]
  readonly dependencies: readonly PayloadDependency[]
  readonly features: { readonly trace_sections: boolean; readonly failure_reasons: readonly string[] }
  /** Of no concern to official runners, which ignore unknown fields. */
  readonly sluice: {
    /** Checked out instead of `git_info.sha`: a snapshot of the work tree, whose HEAD is then set to `git_info.sha`. */
    readonly checkout_sha: string
    /** Some job of the pipeline may want to find what another one left in the workspace: nothing is cleaned at a job's end. */
    readonly keep_workspace?: boolean
    /** What of the job has less effect here than on GitLab; one sentence each, for its log. */
    readonly notices: readonly string[]
  }
}

/** In order of rising precedence; the last of a name wins. */
export interface PayloadVariable {
  readonly key: string
  readonly value: string
  readonly public: boolean
  readonly masked: boolean
  readonly file: boolean
  readonly raw: boolean
}

export interface PayloadStep {
  readonly name: 'script' | 'after_script'
  readonly script: readonly string[]
  readonly timeout: number
  readonly when: 'on_success' | 'always'
  readonly allow_failure: boolean
}

export interface PayloadArtifacts {
  /** `archive`, or the kind of a report: `junit`, `dotenv`, … */
  readonly artifact_type: string
  readonly artifact_format: 'zip' | 'gzip' | 'raw'
  readonly name: string | null
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
  readonly untracked: boolean
  readonly when: 'on_success' | 'on_failure' | 'always'
  readonly expire_in: string | null
}

/** Keys and paths may hold variables, which the runner expands. */
export interface PayloadCache {
  readonly key: string
  readonly untracked: boolean
  /** `pull-push`, `pull`, `push`, or text with a variable. */
  readonly policy: string
  readonly paths: readonly string[]
  readonly when: 'on_success' | 'on_failure' | 'always'
  readonly fallback_keys: readonly string[]
}

export interface PayloadDependency {
  readonly id: number
  readonly name: string
  readonly token: string
  readonly artifacts_file: { readonly filename: string; readonly size: number }
}
