import { compilePattern, type Pattern } from '../expression/pattern.ts'
import type { Planning } from './context.ts'

/**
 * Compiles `/re/flags` once for each planning. The document was checked, so undefined means only "fits
 * nothing".
 */
export function patternOf(source: string, { patterns }: Planning): Pattern | undefined {
  if (patterns.has(source)) return patterns.get(source)
  const compiled = compilePattern(source)
  const pattern = compiled.ok ? compiled.value : undefined
  patterns.set(source, pattern)
  return pattern
}
