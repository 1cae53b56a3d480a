// Ruby's `File.fnmatch?(pattern, path, FNM_PATHNAME | FNM_DOTMATCH | FNM_EXTGLOB)`, which GitLab uses for `rules:changes`,
// `rules:exists` and `only:changes`. Follows Ruby's dir.c: braces are expanded first, as text; then each `/`-separated part is matched.
import { expandBraces } from './fnmatch-braces.ts'
import { matchGraph } from './fnmatch-graph.ts'
import { isInRange, unescape, width } from './fnmatch-text.ts'

/** Patterns with more alternatives than this are not written out but followed all at once. */
const MAX_EXPANDED = 64
const MAX_CACHED = 1_000

const cache = new Map<string, readonly string[] | null>()

/**
 * Whether the path (relative, without leading `/`) matches. `*`, `?` and `[]` never match `/`; `**` spans directories only as a
 * whole part followed by `/`; leading dots are nothing special. The time is bounded by the product of both lengths.
 */
export function fnmatch(pattern: string, path: string): boolean {
  if (pattern.includes('\0') || path.includes('\0')) return false // Ruby raises an ArgumentError
  if (!pattern.includes('{')) return matchParts(pattern, path)
  const expanded = expansionsOf(pattern)
  return expanded ? expanded.some((one) => matchParts(one, path)) : matchGraph(pattern, path)
}

function expansionsOf(pattern: string): readonly string[] | null {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  const expanded = expandBraces(pattern, MAX_EXPANDED) ?? null
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(pattern, expanded)
  return expanded
}

/** dir.c `fnmatch`: part by part, going back to the last `**` + `/` when a part does not match. */
function matchParts(pattern: string, path: string): boolean {
  let p = 0
  let s = 0
  let pAgain = -1
  let sAgain = -1
  for (;;) {
    if (isGlobstar(pattern, p)) {
      while (isGlobstar(pattern, p)) p += 3
      pAgain = p
      sAgain = s
    }
    const pEnd = matchPart(pattern, p, path, s)
    if (pEnd !== -1) {
      const sEnd = partEnd(path, s)
      if (pEnd === pattern.length && sEnd === path.length) return true
      if (pEnd < pattern.length && sEnd < path.length) {
        p = pEnd + 1
        s = sEnd + 1
        continue
      }
    }
    if (sAgain === -1) return false
    sAgain = partEnd(path, sAgain) + 1
    if (sAgain > path.length) return false
    p = pAgain
    s = sAgain
  }
}

function isGlobstar(pattern: string, at: number): boolean {
  return pattern.startsWith('**/', at)
}

function partEnd(text: string, from: number): number {
  const slash = text.indexOf('/', from)
  return slash === -1 ? text.length : slash
}

/** dir.c `fnmatch_helper`: matches one part; gives where the pattern's part ends (its `/` or its end), or -1. */
function matchPart(pattern: string, from: number, path: string, start: number): number {
  const end = partEnd(path, start)
  let p = from
  let s = start
  let pStar = -1
  let sStar = -1
  for (;;) {
    if (pattern[p] === '*') {
      while (pattern[p] === '*') p++
      if (isPartEnd(pattern, unescape(pattern, p))) return unescape(pattern, p)
      pStar = p
      sStar = s
    } else {
      const next = matchOne(pattern, p, path, s, end)
      if (next === PART_MATCHED) return unescape(pattern, p)
      if (next !== -1) {
        p = next
        s += width(path.codePointAt(s))
        continue
      }
      if (pStar === -1 || s >= end) return -1
      sStar += width(path.codePointAt(sStar))
      p = pStar
      s = sStar
    }
    if (s >= end) return -1
  }
}

const PART_MATCHED = -2

/** Where the pattern goes on after it has taken the character at `s`; -1 if it does not. */
function matchOne(pattern: string, p: number, path: string, s: number, end: number): number {
  const atEnd = s >= end
  if (pattern[p] === '?') return atEnd ? -1 : p + 1
  if (pattern[p] === '[') return atEnd ? -1 : matchBracket(pattern, p + 1, path.codePointAt(s) ?? -1)
  const literal = unescape(pattern, p)
  if (isPartEnd(pattern, literal)) return atEnd ? PART_MATCHED : -1
  const code = pattern.codePointAt(literal)
  return !atEnd && code === path.codePointAt(s) ? literal + width(code) : -1
}

/** dir.c `bracket`: `p` stands after `[`. An unclosed or empty one matches nothing, `[!]` and `[^]` match anything. */
function matchBracket(pattern: string, p: number, character: number): number {
  const negated = pattern[p] === '!' || pattern[p] === '^'
  let found = false
  for (let at = negated ? p + 1 : p; at < pattern.length;) {
    if (pattern[at] === ']') return found === negated ? -1 : at + 1
    const first = pattern[at] === '\\' ? at + 1 : at
    const low = pattern.codePointAt(first)
    const afterFirst = first + width(low)
    if (low === undefined || afterFirst >= pattern.length) return -1
    if (pattern[afterFirst] !== '-' || pattern[afterFirst + 1] === ']') {
      found ||= low === character
      at = afterFirst
      continue
    }
    const last = pattern[afterFirst + 1] === '\\' ? afterFirst + 2 : afterFirst + 1
    const high = pattern.codePointAt(last)
    if (high === undefined) return -1
    found ||= isInRange(character, low, high)
    at = last + width(high)
  }
  return -1
}

function isPartEnd(text: string, at: number): boolean {
  return at >= text.length || text[at] === '/'
}
