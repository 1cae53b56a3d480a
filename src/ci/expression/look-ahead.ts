// RE2 has no look-around, and GitLab refuses such patterns since 11.9.4 (with a feature flag, 12.0). Files of that age still say
// `only: [/^(?!v[0-9]+).*/]`. A look-ahead that stands first, after `^`, can be decided exactly without backtracking: the text fits
// when it begins, or does not begin, with it, and fits the rest.
import { ok, type Result } from '../../shared/result.ts'
import { compilePattern, type Pattern } from './pattern.ts'

export interface RefPattern {
  readonly pattern: Pattern
  /** GitLab today would refuse it. */
  readonly outdated: boolean
}

/** A pattern of `only` or `except`; the error is what RE2 says. */
export function compileRefPattern(source: string): Result<RefPattern, string> {
  const compiled = compilePattern(source)
  if (compiled.ok) return ok({ pattern: compiled.value, outdated: false })
  const pattern = withLookAhead(source)
  return pattern === undefined ? compiled : ok({ pattern, outdated: true })
}

function withLookAhead(source: string): Pattern | undefined {
  const [, body = '', flags = ''] = /^\/\^(.*)\/([ismU]*)$/s.exec(source) ?? []
  const split = splitLeading(body)
  if (split === undefined) return undefined
  const rest = anchored(split.rest, flags)
  const conditions: { readonly wanted: boolean; readonly pattern: Pattern }[] = []
  for (const { wanted, text } of split.conditions) {
    const pattern = anchored(text, flags)
    if (!pattern.ok) return undefined
    conditions.push({ wanted, pattern: pattern.value })
  }
  if (!rest.ok) return undefined
  const test = (text: string): boolean =>
    conditions.every(({ wanted, pattern }) => pattern.test(text) === wanted) && rest.value.test(text)
  return { body: `^${body}`, flags, test }
}

function anchored(body: string, flags: string): Result<Pattern, string> {
  return body === '' && flags === '' ? compilePattern('/^/') : compilePattern(`/^(?:${body})/${flags}`)
}

/** `(?!a)(?=b)c` as its conditions and `c`; undefined when there is none, or `c` has alternatives of its own. */
function splitLeading(
  body: string,
): { conditions: { wanted: boolean; text: string }[]; rest: string } | undefined {
  const conditions: { wanted: boolean; text: string }[] = []
  let rest = body
  while (rest.startsWith('(?!') || rest.startsWith('(?=')) {
    const end = closingOf(rest)
    if (end === undefined) return undefined
    conditions.push({ wanted: rest[2] === '=', text: rest.slice(3, end) })
    rest = rest.slice(end + 1)
  }
  if (conditions.length === 0 || hasAlternatives(rest)) return undefined
  return { conditions, rest }
}

/** Where the group that opens at the start closes. */
function closingOf(text: string): number | undefined {
  for (const { at, character, depth } of plainCharacters(text))
    if (character === ')' && depth === 0) return at
  return undefined
}

/** Whether `|` stands outside all groups. */
function hasAlternatives(text: string): boolean {
  for (const { character, depth } of plainCharacters(text)) if (character === '|' && depth === 0) return true
  return false
}

/** The characters that are neither escaped nor in a class, with the groups that are open after them. */
function* plainCharacters(text: string): Generator<{ at: number; character: string; depth: number }> {
  let depth = 0
  let inClass = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') at++
    else if (inClass) inClass = character !== ']'
    else if (character === '[') inClass = true
    else {
      if (character === '(') depth++
      if (character === ')') depth--
      yield { at, character, depth }
    }
  }
}
