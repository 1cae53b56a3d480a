import type { Config, ExistsConfig } from '../config.ts'
import { expandExisting } from '../variables/expand.ts'
import type { PlanFacts } from './context.ts'
import { visitRules } from './rule-scopes.ts'
import type { Scope } from './scope.ts'

/** Another project, as `exists:project` and `exists:ref` name it. */
export interface ForeignProject {
  readonly project: string
  /** Null: its default branch. */
  readonly ref: string | null
}

/** The files of another project, or why nobody may look at them. */
export type ForeignTree =
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | {
      readonly kind: 'no_project' | 'no_ref'
      /** How to supply it, in one line. */
      readonly help: string | null
    }

/** By `foreignKey`. */
export type ForeignTrees = ReadonlyMap<string, ForeignTree>

export function foreignKey({ project, ref }: ForeignProject): string {
  return `${project}\0${ref ?? ''}`
}

/** Variables expanded; null when the clause looks at the pipeline's own files. */
export function foreignProjectOf({ project, ref }: ExistsConfig, scope: Scope): ForeignProject | null {
  if (project === null) return null
  const expand = (text: string): string => expandExisting(text, (name) => scope.get(name))
  return { project: expand(project), ref: ref === null ? null : expand(ref) }
}

/** Every project that an `exists:project` names: whoever plans must know its files. */
export function foreignProjects(config: Config, facts: PlanFacts): ForeignProject[] {
  const found = new Map<string, ForeignProject>()
  const wanted = ({ exists }: { readonly exists: ExistsConfig | null }): boolean =>
    exists !== null && exists.project !== null
  visitRules(config, facts, wanted, ({ exists }, scope) => {
    const foreign = exists === null ? null : foreignProjectOf(exists, scope)
    if (foreign !== null) found.set(foreignKey(foreign), foreign)
  })
  return [...found.values()]
}
