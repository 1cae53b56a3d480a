/** Where a variable's value was written; the words of the provenance and of `explain`. */
export type VariableOrigin =
  | 'predefined'
  | 'global' // top-level `variables:`
  | 'workflow' // `workflow:rules:variables`
  | 'job' // a job's `variables:`
  | 'matrix'
  | 'rules'
  | 'user' // GITLAB_USER_*
  | 'dotenv'
  | 'instance'
  | 'group'
  | 'project'
  | 'trigger'
  | 'api'
  | 'web'
  | 'run' // --variable of `sluice run`
  | 'upstream' // forwarded by a `trigger:` job
  | 'schedule'
  | 'manual'

/** One variable as it is handed on. A list of them is in order of rising precedence: the last of a name wins. */
export interface Variable {
  readonly key: string
  readonly value: string
  /** GitLab `file`: the job sees the path of a file that holds the value. */
  readonly file: boolean
  /** GitLab `raw` / `expand: false`: nothing inside the value is expanded. */
  readonly raw: boolean
  readonly masked: boolean
  readonly origin: VariableOrigin
}

export function variable(
  key: string,
  value: string,
  origin: VariableOrigin,
  more: Partial<Pick<Variable, 'file' | 'raw' | 'masked'>> = {},
): Variable {
  return { key, value, file: false, raw: false, masked: false, origin, ...more }
}

/** A project variable as configured; which of its scopes applies is decided for each job. */
export interface ProjectVariable extends Variable {
  /** `*`, a name, or a name with `*`; GitLab: the most specific wins. */
  readonly environmentScope: string
  readonly protected: boolean
  /** `runner.config.yaml:12:7` of one that the configuration declares, which alone can change it. */
  readonly declaredAt?: string
  readonly description?: string | null
}
