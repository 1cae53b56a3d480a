import { variable, type Variable } from '../../model/variable.ts'
import { slugify } from '../../shared/slug.ts'

export interface JobFacts {
  /** With the suffix of a parallel job: `unit 1/2`. */
  readonly name: string
  readonly stage: string
  readonly parallel: { readonly index: number; readonly total: number } | null
  readonly image: string | null
  /** A person started it. */
  readonly manual: boolean
  /**
   * `shared`: the shell of this machine; `disposable`: thrown away afterwards; null: not known yet, as while
   * rules are decided.
   */
  readonly environment: 'shared' | 'disposable' | null
}

/** Variables of the job that need no row. */
export function jobFactVariables(job: JobFacts): Variable[] {
  return Object.entries({
    CI_JOB_NAME: job.name,
    CI_JOB_NAME_SLUG: slugify(job.name),
    CI_JOB_GROUP_NAME: groupName(job.name),
    CI_JOB_STAGE: job.stage,
    CI_NODE_TOTAL: String(job.parallel?.total ?? 1),
    ...(job.parallel === null ? {} : { CI_NODE_INDEX: String(job.parallel.index) }),
    ...(job.image === null ? {} : { CI_JOB_IMAGE: job.image }),
    ...(job.manual ? { CI_JOB_MANUAL: 'true' } : {}),
    ...(job.environment === 'shared' ? { CI_SHARED_ENVIRONMENT: 'true' } : {}),
    ...(job.environment === 'disposable' ? { CI_DISPOSABLE_ENVIRONMENT: 'true' } : {}),
  }).map(([key, value]) => variable(key, value, 'predefined'))
}

/** GitLab: the name without ` 1/3`, `: [a, b]` and the like at its end. */
export function groupName(name: string): string {
  return name.replace(/([\s:]+(\[.*\]|\d+[\s:/\\]+\d+)){1,3}\s*$/, '').trim()
}
