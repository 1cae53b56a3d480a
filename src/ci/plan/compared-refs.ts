import type { Config } from '../config.ts'
import { expandExisting } from '../variables/expand.ts'
import type { PlanFacts } from './context.ts'
import { visitRules } from './rule-scopes.ts'

/**
 * Every ref that a `changes:compare_to` names, variables expanded: whoever plans must know what changed since
 * it.
 */
export function comparedRefs(config: Config, facts: PlanFacts): string[] {
  const refs = new Set<string>()
  const wanted = ({ changes }: { readonly changes: { readonly compareTo: string | null } | null }): boolean =>
    Boolean(changes?.compareTo)
  visitRules(config, facts, wanted, ({ changes }, scope) => {
    if (changes?.compareTo) refs.add(expandExisting(changes.compareTo, (name) => scope.get(name)))
  })
  return [...refs]
}
