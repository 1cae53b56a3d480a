// The globs of `artifacts:paths`, `artifacts:exclude` and `cache:paths`: Go's doublestar v4.10, which gitlab-runner uses.
import { matchGraph } from './doublestar-graph.ts'
import { matchLikeGo } from './doublestar-match.ts'
import { isValidPattern } from './doublestar-text.ts'

/**
 * `doublestar.Match`, as `artifacts:exclude` uses it on single paths. `*` and `?` never match `/`, dot files are nothing special,
 * `a/**` matches `a` too, `**` is more than `*` only as a whole part. A malformed pattern matches nothing.
 */
export function matchDoublestar(pattern: string, path: string): boolean {
  return matchLikeGo(pattern, path) ?? (isValidPattern(pattern) && matchGraph(pattern, path))
}

/**
 * Whether `doublestar.Glob` returns the path, as `artifacts:paths` and `cache:paths` use it: the pattern is matched name by name, so
 * that a class cannot match a slash. What is under a directory that matches is not asked here. A malformed pattern gives nothing.
 */
export function globDoublestar(pattern: string, path: string): boolean {
  return isValidPattern(pattern) && matchGraph(pattern, path)
}

/** Go's `ValidatePattern`: false for an unclosed `[` or `{`, an empty class, a stray `}` and a backslash at the end. */
export function isValidDoublestar(pattern: string): boolean {
  return isValidPattern(pattern)
}

/** Whether the pattern is more than a path: it has an unescaped `*`, `?`, `[` or `{`. */
export function hasMeta(pattern: string): boolean {
  return fixedLength(pattern) < pattern.length
}

/**
 * Go's `SplitPattern`: the directory in which every match lies (unescaped; `.` if there is none, `/` at the root) and the pattern
 * from there on. A walker may begin at `base`.
 */
export function splitPattern(pattern: string): { base: string; rest: string } {
  const slash = lastSlash(pattern.slice(0, fixedLength(pattern)))
  if (slash === -1) return { base: '.', rest: pattern }
  return { base: slash === 0 ? '/' : unescapeMeta(pattern.slice(0, slash)), rest: pattern.slice(slash + 1) }
}

/** The path that a pattern without meta characters names. Go's `unescapeMeta`. */
export function unescapeMeta(pattern: string): string {
  return pattern.replace(/\\([*?[\]{}])/g, '$1')
}

function fixedLength(pattern: string): number {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if ('*?[{'.includes(pattern.charAt(at))) return at
  }
  return pattern.length
}

function lastSlash(text: string): number {
  let last = -1
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '/') last = at
  }
  return last
}
