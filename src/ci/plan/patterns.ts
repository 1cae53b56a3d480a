import { compileRefPattern } from '../expression/look-ahead.ts'
import { compilePattern, type Pattern } from '../expression/pattern.ts'
import type { PathPlanning } from './context.ts'

/**
 * Compiles `/re/flags` once for each planning. The document was checked, so undefined means only "fits
 * nothing".
 */
export function patternOf(source: string, { patterns }: Pick<PathPlanning, 'patterns'>): Pattern | undefined {
  if (patterns.has(source)) return patterns.get(source)
  const compiled = compilePattern(source)
  const pattern = compiled.ok ? compiled.value : undefined
  patterns.set(source, pattern)
  return pattern
}

/** The same for a pattern of `only` or `except`, which may be of GitLab 11's kind. */
export function refPatternOf(
  source: string,
  { patterns }: Pick<PathPlanning, 'patterns'>,
): Pattern | undefined {
  if (patterns.has(source)) return patterns.get(source)
  const compiled = compileRefPattern(source)
  const pattern = compiled.ok ? compiled.value.pattern : undefined
  patterns.set(source, pattern)
  return pattern
}
