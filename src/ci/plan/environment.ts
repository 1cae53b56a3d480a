import type { EnvironmentPlan } from '../../model/keyword-plans.ts'
import type { EnvironmentTarget } from '../../model/plan.ts'
import type { ProjectVariable, Variable } from '../../model/variable.ts'
import { expandAll, type Lookup } from '../variables/expand.ts'
import { nestedLookup } from '../variables/nested-lookup.ts'
import { environmentVariables } from '../variables/predefined-environment.ts'
import { projectVariablesFor } from '../variables/project-scope.ts'
import type { Scope } from './scope.ts'

/** The project's variables with their scopes, when some are for single environments. */
export interface ScopedVariables {
  /** Those that the ref may see. */
  readonly variables: readonly ProjectVariable[]
  /** Keys of pipeline variables, which rank above them. */
  readonly outranked: readonly string[]
}

/** What rules see because their job has an environment. */
export interface EnvironmentScope {
  readonly predefined: readonly Variable[]
  /** Project variables for this environment. */
  readonly scoped: readonly Variable[]
}

const NOTHING: EnvironmentScope = { predefined: [], scoped: [] }

/**
 * GitLab: rules see name and action, the tier and the address where the job names them, and the project variables of the
 * environment. `scope` gives the values that the job has without it.
 */
export function environmentScope(
  environment: EnvironmentPlan | undefined,
  project: ScopedVariables | undefined,
  scope: () => Scope,
): EnvironmentScope {
  if (environment === undefined) return NOTHING
  const name = expandIn(environment.name, scope)
  if (name === '') return NOTHING
  return {
    predefined: environmentVariables({
      name,
      action: environment.action,
      tier: environment.deploymentTier ?? null,
      url: environment.url,
    }),
    scoped: project
      ? projectVariablesFor(project.variables, { environment: name, refProtected: true }).filter(
          ({ key }) => !project.outranked.includes(key),
        )
      : [],
  }
}

/** The environment that the job is for. GitLab: expanded without `CI_ENVIRONMENT_*`, once the rules have given their variables. */
export function environmentTarget(
  environment: EnvironmentPlan | undefined,
  scope: () => Scope,
): EnvironmentTarget | null {
  if (environment === undefined) return null
  const expand = (text: string | undefined): string | null =>
    text === undefined ? null : expandIn(text, scope)
  return {
    name: expandIn(environment.name, scope),
    autoStopIn: expand(environment.autoStopIn),
    tier: expand(environment.deploymentTier),
  }
}

function expandIn(text: string, scope: () => Scope): string {
  if (!/[$%]/.test(text)) return text
  const values = scope()
  const lookup: Lookup = nestedLookup((name) => values.get(name))
  return expandAll(text, lookup)
}
