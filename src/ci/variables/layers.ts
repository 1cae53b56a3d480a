import type { Variable } from '../../model/variable.ts'

/** What `rules`, `only:variables` and `workflow` see, weakest first. */
export interface RuleVariableLayers {
  /** Of the job: `CI_JOB_NAME`, `CI_NODE_INDEX` … */
  readonly predefinedJob: readonly Variable[]
  /** Of project, commit and pipeline. */
  readonly predefined: readonly Variable[]
  /** Global < workflow rule < job < matrix < rule, already merged. */
  readonly yaml: readonly Variable[]
  readonly user: readonly Variable[]
  readonly project: readonly Variable[]
  /** Trigger, API, `--variable`, forwarded by a bridge. */
  readonly pipeline: readonly Variable[]
  readonly schedule: readonly Variable[]
}

/** What a job's scripts see, weakest first. */
export interface JobVariableLayers extends RuleVariableLayers {
  /** Of the runner: `CI_PROJECT_DIR`, `CI_JOB_STATUS` … */
  readonly runner: readonly Variable[]
  /** Known only once the rows exist: ids, addresses, tokens. */
  readonly persisted: readonly Variable[]
  /** Reports of the jobs that this one needs. */
  readonly dotenv: readonly Variable[]
  /** Typed in when a manual job was played. */
  readonly manual: readonly Variable[]
  /** `CI_ENVIRONMENT_SLUG` and what else exists once the environment is recorded; absent: the job has none. */
  readonly environment?: readonly Variable[]
}

/** GitLab's order of precedence: the last of a name wins. */
export const JOB_LAYERS = [
  'runner',
  'persisted',
  'predefinedJob',
  'predefined',
  'yaml',
  'user',
  'dotenv',
  'project',
  'pipeline',
  'schedule',
  'manual',
  'environment',
] as const satisfies readonly (keyof JobVariableLayers)[]

/** The same without what does not exist before the job does. */
export const RULE_LAYERS = [
  'predefinedJob',
  'predefined',
  'yaml',
  'user',
  'project',
  'pipeline',
  'schedule',
] as const satisfies readonly (keyof RuleVariableLayers)[]

/** The variables of a job in order of rising precedence, duplicates kept: the last of a name wins. */
export function jobVariables(layers: JobVariableLayers): Variable[] {
  return JOB_LAYERS.flatMap((layer) => layers[layer] ?? [])
}

/** The values that rules compare, in order of rising precedence. */
export function ruleVariables(layers: RuleVariableLayers): Variable[] {
  return RULE_LAYERS.flatMap((layer) => layers[layer])
}
