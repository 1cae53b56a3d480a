/** One brace group of a pattern: where it opens and closes, and where each alternative begins and ends. */
export interface BraceGroup {
  readonly open: number
  readonly close: number
  readonly alternatives: readonly { readonly start: number; readonly end: number }[]
}

/**
 * The brace groups, outer and inner, by the place of their `{`; undefined when a `{` is never closed: Ruby then matches nothing.
 * Brackets mean nothing here: `[{]` has an unclosed brace.
 */
export function braceGroups(pattern: string): ReadonlyMap<number, BraceGroup> | undefined {
  const groups = new Map<number, BraceGroup>()
  const open: { open: number; start: number; alternatives: { start: number; end: number }[] }[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]
    const top = open.at(-1)
    if (character === '\\') at++
    else if (character === '{') open.push({ open: at, start: at + 1, alternatives: [] })
    else if (top && (character === ',' || character === '}')) {
      top.alternatives.push({ start: top.start, end: at })
      top.start = at + 1
      if (character === '}') {
        open.pop()
        groups.set(top.open, { open: top.open, close: at, alternatives: top.alternatives })
      }
    }
  }
  return open.length === 0 ? groups : undefined
}

/** Every text the braces stand for, or undefined when there are more than `limit`. None at all for an unclosed brace. */
export function expandBraces(pattern: string, limit: number): readonly string[] | undefined {
  const groups = braceGroups(pattern)
  if (!groups) return []
  if (countExpansions(groups, 0, pattern.length, 0) > limit) return undefined
  return expand(pattern, 0, pattern.length, groups)
}

/** Deeper nesting counts as endless, so that nothing here can exhaust the stack. */
const MAX_DEPTH = 50

function countExpansions(
  groups: ReadonlyMap<number, BraceGroup>,
  start: number,
  end: number,
  depth: number,
): number {
  if (depth > MAX_DEPTH) return Infinity
  let count = 1
  for (let at = start; at < end; at++) {
    const group = groups.get(at)
    if (!group) continue
    count *= group.alternatives.reduce(
      (sum, part) => sum + countExpansions(groups, part.start, part.end, depth + 1),
      0,
    )
    at = group.close
  }
  return count
}

function expand(
  pattern: string,
  start: number,
  end: number,
  groups: ReadonlyMap<number, BraceGroup>,
): string[] {
  for (let at = start; at < end; at++) {
    const group = groups.get(at)
    if (!group) continue
    const before = pattern.slice(start, at)
    const inside = group.alternatives.flatMap((part) => expand(pattern, part.start, part.end, groups))
    const after = expand(pattern, group.close + 1, end, groups)
    return inside.flatMap((middle) => after.map((rest) => before + middle + rest))
  }
  return [pattern.slice(start, end)]
}
