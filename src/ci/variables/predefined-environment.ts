import { variable, type Variable } from '../../model/variable.ts'

export interface EnvironmentFacts {
  /** Variables expanded. */
  readonly name: string
  readonly action: string
  /** Of the job or of the environment as it is recorded; null while neither is known, as while rules are decided. */
  readonly tier: string | null
  /** As written, or as the environment had it last; the runner expands it. */
  readonly url: string | null
}

/** Variables of a job's environment that rules see, too. */
export function environmentVariables(facts: EnvironmentFacts): Variable[] {
  return Object.entries({
    CI_ENVIRONMENT_NAME: facts.name,
    CI_ENVIRONMENT_ACTION: facts.action,
    ...(facts.tier === null ? {} : { CI_ENVIRONMENT_TIER: facts.tier }),
    ...(facts.url === null ? {} : { CI_ENVIRONMENT_URL: facts.url }),
  }).map(([key, value]) => variable(key, value, 'predefined'))
}

/** What exists once the environment is recorded. GitLab: above all other variables. */
export function persistedEnvironmentVariables(environment: {
  readonly id: number
  readonly slug: string
  readonly url: string | null
}): Variable[] {
  return Object.entries({
    CI_ENVIRONMENT_ID: String(environment.id),
    CI_ENVIRONMENT_SLUG: environment.slug,
    ...(environment.url === null ? {} : { CI_ENVIRONMENT_URL: environment.url }),
  }).map(([key, value]) => variable(key, value, 'predefined'))
}
