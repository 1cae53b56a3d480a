import type { Variable } from '../../model/variable.ts'
import { variableCycle } from '../texts.ts'
import { sortAndExpand } from '../variables/expand.ts'
import type { Planning } from './context.ts'
import type { Candidate } from './job.ts'
import { addFinding } from './problems.ts'

/**
 * GitLab's seed check: variables that refer to each other in a circle. Most values refer to nothing, and many jobs
 * refer to the same, so few lists are really sorted.
 */
export function checkVariableCycles(candidates: readonly Candidate[], planning: Planning): void {
  const { predefined, above } = planning.facts
  // Names that no YAML variable can change.
  const fixed = new Set(above.map(({ key }) => key))
  const around = {
    below: predefined.filter((one) => refers(one) && !fixed.has(one.key)),
    above: above.filter(refers),
    fixed,
  }
  const known = new Map<string, string | null>()
  for (const { plan, config } of candidates) {
    const own = plan.variables.filter((one) => refers(one) && !around.fixed.has(one.key))
    if (own.length === 0 && around.above.length === 0) continue
    const below = around.below.filter(({ key }) => plan.variables.every((one) => one.key !== key))
    const signature = [...below, ...own].map(({ key, value }) => `${key}\0${value}`).join('\0')
    let reason = known.get(signature)
    if (reason === undefined) known.set(signature, (reason = circleIn([...below, ...own, ...around.above])))
    if (reason !== null) addFinding(planning, config.span, variableCycle(plan.name, reason))
  }
}

function circleIn(variables: readonly Variable[]): string | null {
  const sorted = sortAndExpand(variables)
  return sorted.ok ? null : sorted.error
}

function refers({ raw, file, value }: Variable): boolean {
  return !raw && !file && /[$%]/.test(value)
}
