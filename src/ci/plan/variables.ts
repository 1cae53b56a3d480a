import { variable, type Variable, type VariableOrigin } from '../../model/variable.ts'
import type { JobConfig, JobInstance, RuleConfig, VariableConfig } from '../config.ts'
import { INHERIT_ALL, inherits } from '../config/inherit.ts'

// Rank 6 of the precedence order: global < workflow rule < job < matrix < rule.

/** Global variables under those of the workflow rule that matched. */
export function rootVariables(
  globals: readonly VariableConfig[],
  workflow: readonly VariableConfig[],
): readonly Variable[] {
  return merged(fromConfig(globals, 'global'), fromConfig(workflow, 'workflow'))
}

/** What a job has before its rules are decided. Jobs that add nothing share one list. */
export function jobYamlVariables(
  job: JobConfig,
  instance: JobInstance | null,
  root: readonly Variable[],
): readonly Variable[] {
  const choice = (job.keywords.inherit ?? INHERIT_ALL).variables
  const inherited = choice === true ? root : root.filter(({ key }) => inherits(choice, key))
  const own = fromConfig(job.keywords.variables ?? [], 'job')
  return merged(merged(inherited, own), fromConfig(instance?.variables ?? [], 'matrix'))
}

/** The same with the variables of the rule that let the job in. */
export function withRuleVariables(
  variables: readonly Variable[],
  rule: RuleConfig | null,
): readonly Variable[] {
  return merged(variables, fromConfig(rule?.variables ?? [], 'rules'))
}

/** GitLab: a hash merge; a later value takes the place of the earlier one, new names follow. */
function merged(under: readonly Variable[], over: readonly Variable[]): readonly Variable[] {
  if (over.length === 0) return under
  if (under.length === 0) return over
  if (over.length <= FEW) return mergedFew(under, over)
  const byKey = new Map(under.map((one) => [one.key, one]))
  for (const one of over) byKey.set(one.key, one)
  return [...byKey.values()]
}

/** So many names are found faster by looking through the list than by a map made for them. */
const FEW = 8

function mergedFew(under: readonly Variable[], over: readonly Variable[]): readonly Variable[] {
  const result = [...under]
  for (const one of over) {
    const at = result.findIndex(({ key }) => key === one.key)
    if (at < 0) result.push(one)
    else result[at] = one
  }
  return result
}

const NONE: readonly Variable[] = []

function fromConfig(variables: readonly VariableConfig[], origin: VariableOrigin): readonly Variable[] {
  if (variables.length === 0) return NONE
  return variables.map(({ key, value, raw }) => variable(key, value, origin, { raw }))
}
