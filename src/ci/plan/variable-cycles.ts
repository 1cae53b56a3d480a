import type { Variable } from '../../model/variable.ts'
import { variableCycle } from '../texts.ts'
import { sortAndExpand } from '../variables/expand.ts'
import type { Planning } from './context.ts'
import type { Candidate } from './job.ts'
import { addFinding } from './problems.ts'

/**
 * GitLab's seed check: variables that refer to each other in a circle. Most values refer to nothing, and jobs
 * that add no variables share one list, so few lists are really sorted.
 */
export function checkVariableCycles(candidates: readonly Candidate[], planning: Planning): void {
  const { predefined, above } = planning.facts
  const around = {
    below: predefined.filter(refers),
    above: above.filter(refers),
    fixed: new Set(above.map(({ key }) => key)),
  }
  const known = new Map<readonly Variable[], string | null>()
  for (const { plan, config } of candidates) {
    let reason = known.get(plan.variables)
    if (reason === undefined) known.set(plan.variables, (reason = circleIn(plan.variables, around)))
    if (reason !== null) addFinding(planning, config.span, variableCycle(plan.name, reason))
  }
}

interface Around {
  readonly below: readonly Variable[]
  readonly above: readonly Variable[]
  /** Names that no YAML variable can change. */
  readonly fixed: ReadonlySet<string>
}

function circleIn(yaml: readonly Variable[], { below, above, fixed }: Around): string | null {
  const own = yaml.filter((one) => refers(one) && !fixed.has(one.key))
  if (own.length === 0 && above.length === 0) return null
  const hidden = new Set([...yaml.map(({ key }) => key), ...fixed])
  const sorted = sortAndExpand([...below.filter(({ key }) => !hidden.has(key)), ...own, ...above])
  return sorted.ok ? null : sorted.error
}

function refers({ raw, file, value }: Variable): boolean {
  return !raw && !file && /[$%]/.test(value)
}
