import { withoutLeadingSlashes } from './target.ts'

/**
 * The paths that fit a pattern of `include:local`, in the order given. GitLab: `**` is any text, `*` any text without a
 * slash, everything else is literal (`Repository#search_files_by_wildcard_path`).
 */
export function matchingPaths(pattern: string, paths: readonly string[]): string[] {
  const parts = withoutLeadingSlashes(pattern).split(/(\*\*|\*)/)
  return paths.filter((path) => fits(parts, path))
}

/** Follows all places at once where the pattern could have come to, so that no pattern takes more than parts × length. */
function fits(parts: readonly string[], path: string): boolean {
  let places = new Set([0])
  for (const part of parts) {
    const next = new Set<number>()
    for (const place of places) {
      if (part === '**') addUpTo(next, place, path.length)
      else if (part === '*') addUpTo(next, place, endOfSegment(path, place))
      else if (path.startsWith(part, place)) next.add(place + part.length)
    }
    if (next.size === 0) return false
    places = next
  }
  return places.has(path.length)
}

function endOfSegment(path: string, from: number): number {
  const slash = path.indexOf('/', from)
  return slash === -1 ? path.length : slash
}

function addUpTo(places: Set<number>, from: number, to: number): void {
  // What is there already has brought along everything behind it.
  for (let place = from; place <= to && (place === from || !places.has(place)); place++) places.add(place)
}
