import type { ProjectVariable, Variable } from '../../model/variable.ts'

export interface ScopeFacts {
  /** The job's environment; null: it has none, and only the scope `*` applies. */
  readonly environment: string | null
  /** Protected variables exist on protected refs only. */
  readonly refProtected: boolean
}

/** The project variables that apply; of one name the most specific scope, in the order configured. */
export function projectVariablesFor(variables: readonly ProjectVariable[], facts: ScopeFacts): Variable[] {
  const chosen = new Map<string, ProjectVariable>()
  for (const candidate of variables) {
    if (candidate.protected && !facts.refProtected) continue
    if (!inScope(candidate.environmentScope, facts.environment)) continue
    const known = chosen.get(candidate.key)
    if (known === undefined || specificity(candidate, facts) >= specificity(known, facts))
      chosen.set(candidate.key, candidate)
  }
  return [...chosen.values()].map(({ key, value, file, raw, masked, origin }) => ({
    key,
    value,
    file,
    raw,
    masked,
    origin,
  }))
}

function inScope(scope: string, environment: string | null): boolean {
  if (scope === '*') return true
  if (environment === null) return false
  const parts = scope.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(environment)
}

/** GitLab: `*` is weakest, the exact name strongest, patterns between them by their length. */
function specificity({ environmentScope: scope }: ProjectVariable, { environment }: ScopeFacts): number {
  if (scope === '*') return 0
  return scope === environment ? Number.MAX_SAFE_INTEGER : scope.length
}
