/** The alternatives of a `{`, as places in the pattern. */
export interface Alternatives {
  readonly parts: readonly { readonly start: number; readonly end: number }[]
  readonly close: number
}

/** Reads the group that opens at `open`; undefined when it is never closed. As in Go, classes mean nothing here. */
export function readAlternatives(pattern: readonly string[], open: number): Alternatives | undefined {
  const parts: { start: number; end: number }[] = []
  let start = open + 1
  let depth = 1
  for (let at = start; at < pattern.length; at++) {
    const character = pattern[at]
    if (character === '\\') at++
    else if (character === '{') depth++
    else if (character === ',' && depth === 1) {
      parts.push({ start, end: at })
      start = at + 1
    } else if (character === '}' && --depth === 0) {
      parts.push({ start, end: at })
      return { parts, close: at }
    }
  }
  return undefined
}

/** The place behind the class that opens at `open`, or why there is none. */
export function classEnd(
  pattern: readonly string[],
  open: number,
  character: string,
): number | 'mismatch' | 'malformed' {
  const negated = pattern[open + 1] === '!' || pattern[open + 1] === '^'
  let at = negated ? open + 2 : open + 1
  if (at >= pattern.length || pattern[at] === ']') return 'malformed'
  const code = character.codePointAt(0) ?? 0
  let found = false
  let low: number | undefined
  while (!found && at < pattern.length && pattern[at] !== ']') {
    const isRange =
      low !== undefined && pattern[at] === '-' && at + 1 < pattern.length && pattern[at + 1] !== ']'
    if (isRange) at++
    if (pattern[at] === '\\') at++
    const item = pattern[at]?.codePointAt(0) ?? 0xfffd
    at++
    found = isRange ? (low ?? item) <= code && code <= item : item === code
    low = isRange ? undefined : item
  }
  if (found === negated) return at >= pattern.length ? 'malformed' : 'mismatch'
  const close = unescapedIndex(pattern, ']', at)
  return close === -1 ? 'malformed' : close + 1
}

function unescapedIndex(pattern: readonly string[], character: string, from: number): number {
  for (let at = from; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === character) return at
  }
  return -1
}

/** Go's `doValidatePattern`. */
export function isValidPattern(pattern: string | readonly string[]): boolean {
  let depth = 0
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]
    if (character === '\\') {
      at++
      if (at >= pattern.length) return false
    } else if (character === '[') {
      at = validClassEnd(pattern, at)
      if (at === -1) return false
    } else if (character === '{') depth++
    else if (character === '}' && --depth < 0) return false
  }
  return depth === 0
}

function validClassEnd(pattern: string | readonly string[], open: number): number {
  const negated = pattern[open + 1] === '^' || pattern[open + 1] === '!'
  const first = negated ? open + 2 : open + 1
  if (pattern[first] === ']') return -1
  for (let at = first; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === ']') return at
  }
  return -1
}
