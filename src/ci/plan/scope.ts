import type { Variable } from '../../model/variable.ts'

interface ScopeFacts {
  readonly projectFullPath: string
  readonly predefined: readonly Variable[]
  readonly above: readonly Variable[]
}

/** The values that `rules:if` and `only:variables` compare, unexpanded. */
export interface Scope extends ReadonlyMap<string, string> {
  /** Names whose values say `expand: false`. */
  readonly raw: ReadonlySet<string>
}

export interface Scopes {
  /**
   * The values for one job, by the order of `RULE_LAYERS`: predefined of the job, predefined, YAML, then all
   * above. The map is the same object each time and holds until the next call: copying some 80 entries for
   * each of 10,000 jobs would cost more than deciding their rules.
   */
  of(
    yaml: readonly Variable[],
    predefinedJob: readonly Variable[],
    /** Project variables for the job's environment, without what pipeline variables replace. */
    scoped?: readonly Variable[],
  ): Scope
}

export function startScopes(facts: ScopeFacts): Scopes {
  const raw = new Set<string>()
  const values = Object.assign(new Map<string, string>(), { raw })
  const fixed = new Set<string>()
  for (const variable of [...facts.predefined, ...facts.above]) mark(variable.key, variable.raw)
  for (const variable of facts.predefined) values.set(variable.key, seen(variable, facts))
  const predefined = new Set(values.keys())
  for (const variable of facts.above) {
    values.set(variable.key, seen(variable, facts))
    fixed.add(variable.key)
  }
  const replaced = new Map<string, { readonly value: string | undefined; readonly raw: boolean }>()

  function mark(key: string, isRaw: boolean): void {
    if (isRaw) raw.add(key)
    else raw.delete(key)
  }

  function put(key: string, value: string, isRaw = false): void {
    if (!replaced.has(key)) replaced.set(key, { value: values.get(key), raw: raw.has(key) })
    values.set(key, value)
    mark(key, isRaw)
  }

  function restore(): void {
    for (const [key, before] of replaced) {
      if (before.value === undefined) values.delete(key)
      else values.set(key, before.value)
      mark(key, before.raw)
    }
    replaced.clear()
  }

  return {
    of(yaml, predefinedJob, scoped = []) {
      restore()
      for (const { key, value } of predefinedJob) if (!fixed.has(key) && !predefined.has(key)) put(key, value)
      for (const { key, value, raw: isRaw } of yaml) if (!fixed.has(key)) put(key, value, isRaw)
      for (const one of scoped) put(one.key, seen(one, facts), one.raw)
      return values
    },
  }
}

/** Variables alone, the last of a name wins. */
export function scopeOf(variables: readonly Variable[]): Scope {
  const last = new Map(variables.map((variable) => [variable.key, variable]))
  const raw = new Set([...last.values()].flatMap((variable) => (variable.raw ? [variable.key] : [])))
  return Object.assign(new Map(Array.from(last.values(), ({ key, value }) => [key, value])), { raw })
}

/** A file variable is the path of its file, as the runner lays it out; its content cannot be compared. */
function seen(variable: Variable, { projectFullPath }: ScopeFacts): string {
  return variable.file ? `/builds/${projectFullPath}.tmp/${variable.key}` : variable.value
}
