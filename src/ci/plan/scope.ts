import type { Variable } from '../../model/variable.ts'

interface ScopeFacts {
  readonly projectFullPath: string
  readonly predefined: readonly Variable[]
  readonly above: readonly Variable[]
}

/** The values that `rules:if` and `only:variables` compare, unexpanded. */
export type Scope = ReadonlyMap<string, string>

export interface Scopes {
  /**
   * The values for one job, by the order of `RULE_LAYERS`: predefined of the job, predefined, YAML, then all
   * above. The map is the same object each time and holds until the next call: copying some 80 entries for
   * each of 10,000 jobs would cost more than deciding their rules.
   */
  of(yaml: readonly Variable[], predefinedJob: readonly Variable[]): Scope
}

export function startScopes(facts: ScopeFacts): Scopes {
  const values = new Map<string, string>()
  const fixed = new Set<string>()
  for (const variable of facts.predefined) values.set(variable.key, seen(variable, facts))
  const predefined = new Set(values.keys())
  for (const variable of facts.above) {
    values.set(variable.key, seen(variable, facts))
    fixed.add(variable.key)
  }
  const replaced = new Map<string, string | undefined>()

  function put(key: string, value: string): void {
    if (!replaced.has(key)) replaced.set(key, values.get(key))
    values.set(key, value)
  }

  function restore(): void {
    for (const [key, value] of replaced) {
      if (value === undefined) values.delete(key)
      else values.set(key, value)
    }
    replaced.clear()
  }

  return {
    of(yaml, predefinedJob) {
      restore()
      for (const { key, value } of predefinedJob) if (!fixed.has(key) && !predefined.has(key)) put(key, value)
      for (const { key, value } of yaml) if (!fixed.has(key)) put(key, value)
      return values
    },
  }
}

/** A file variable is the path of its file, as the runner lays it out; its content cannot be compared. */
function seen(variable: Variable, { projectFullPath }: ScopeFacts): string {
  return variable.file ? `/builds/${projectFullPath}.tmp/${variable.key}` : variable.value
}
