// GitLab matches with RE2 only. re2js is a faithful port of it, but it costs 7 ms to load and 6 ms for its first pattern, on the
// start path of every command that reads rules. So patterns are matched in two ways:
// 1. The plain ones (literals, classes, groups, repetition: `simple-pattern.ts`, nearly all that are found in real files) by a small
//    automaton of our own, whose answers are tested against re2js.
// 2. All others by re2js, which `re2.ts` loads synchronously when the first such pattern appears: `evaluate` stays synchronous, and a
//    value of a variable, known only while rules are decided, may be a pattern as well.
// Both are linear in the text, and both refuse work that could take longer than about 50 ms, by counting, not by a clock.
import { err, ok, type Result } from '../../shared/result.ts'
import { compileRe2 } from './re2.ts'
import { compileSimple } from './simple-pattern.ts'
import { runProgram } from './simple-program.ts'

export interface Pattern {
  /** The text between the slashes, and the flags after them. */
  readonly body: string
  readonly flags: string
  readonly test: (text: string) => boolean
}

/** More than any person writes; longer texts are not even looked at. */
const MAX_PATTERN_LENGTH = 10_000

const MAX_CACHED = 500
const cache = new Map<string, Result<Pattern, string>>()

// GitLab: RubySyntax::PATTERN, whose ^ and $ are Ruby's, so they hold at every line.
const SHAPE = /(?:^|\n)\/([^\n]*)\/([ismU]*)(?![^\n])/

/**
 * Compiles `/body/flags` (flags out of `i s m U`), as in `only: [/^v/]` or in the value of a variable. The error is what RE2 says.
 * That a pattern inside an expression needs two characters is a rule of the expression's lexer, not of this function.
 */
export function compilePattern(source: string): Result<Pattern, string> {
  const known = cache.get(source)
  if (known) return known
  const compiled = compile(source)
  if (source.length <= MAX_PATTERN_LENGTH) remember(source, compiled)
  return compiled
}

/** Whether the pattern is found anywhere in the text. A match that would be too costly is none. */
export function matches(pattern: Pattern, text: string): boolean {
  return pattern.test(text)
}

function compile(source: string): Result<Pattern, string> {
  const shape = source.length <= MAX_PATTERN_LENGTH ? SHAPE.exec(source) : null
  if (!shape) return err('Invalid regular expression!')
  const [, body = '', flags = ''] = shape
  const program = compileSimple(body, flags)
  if (program) return ok({ body, flags, test: (text) => runProgram(program, text) })
  const test = compileRe2(flags === '' ? body : `(?${flags})${body}`)
  return test.ok ? ok({ body, flags, test: test.value }) : test
}

function remember(source: string, compiled: Result<Pattern, string>): void {
  if (cache.size >= MAX_CACHED) {
    const oldest = cache.keys().next()
    if (!oldest.done) cache.delete(oldest.value)
  }
  cache.set(source, compiled)
}
