import type { Diagnostic, Sources, Span } from '../../shared/diagnostic.ts'
import { locate } from '../../shared/source-text.ts'

/** Longer ways are cut: the first steps are what a reader follows. */
const MOST_STEPS = 10

/** Says of a finding in an included file which include brought the file in, and which brought that one. */
export function withOrigin(
  diagnostic: Diagnostic,
  trails: ReadonlyMap<string, readonly Span[]>,
  sources: Sources,
): Diagnostic {
  const trail = diagnostic.location && trails.get(diagnostic.location.file)
  if (!trail || trail.length === 0) return diagnostic
  const steps = trail.slice(0, MOST_STEPS).map((span) => ({
    message: 'included here',
    location: locate(sources, span),
  }))
  return { ...diagnostic, related: [...(diagnostic.related ?? []), ...steps] }
}
