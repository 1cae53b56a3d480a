import { createRequire } from 'node:module'
import type * as Re2js from 're2js'
import { err, ok, type Result } from '../../shared/result.ts'

/** Instructions of a compiled pattern; RE2 itself answers `pattern too large` at its memory limit. */
const MAX_SIZE = 1_500
/** Programs up to this size run on re2js's automaton in about 3 ns a character. */
const SMALL_SIZE = 100
/** Size times length: what keeps a larger program, on re2js's slow road, within 50 ms. */
const MAX_WORK = 200_000
const MAX_TEXT = 1_000_000

let library: typeof Re2js | undefined

/** Compiles RE2 source. The result tells whether the pattern is found in a text; beyond the limits above it says no. */
export function compileRe2(source: string): Result<(text: string) => boolean, string> {
  if (estimateSize(source) > MAX_SIZE) return err('pattern too large - compile failed')
  library ??= loadLibrary()
  try {
    const pattern = library.RE2JS.compile(source)
    const size = pattern.programSize()
    return ok((text) => isAffordable(size, text.length) && pattern.test(text))
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

function isAffordable(size: number, length: number): boolean {
  return size <= SMALL_SIZE ? length <= MAX_TEXT : size * length <= MAX_WORK
}

/** Neither a static import nor `import()`: see `pattern.ts`. A bundler does not see it: the package is installed beside the bundle. */
function loadLibrary(): typeof Re2js {
  const require = createRequire(import.meta.url)
  return require('re2js') as typeof Re2js // `require` has no types
}

/** The parts of a pattern that matter for its size: an escape, a class, a repetition (captured), any other character. */
const PART = /\\[xpP]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|./gsu

/** About the program's size, taken from the text before anything is built: `((a{30}){30}){30}` is 27,000. */
function estimateSize(source: string): number {
  const outer: number[] = []
  let total = 0
  let last = 0
  for (const [part, least, most] of source.matchAll(PART)) {
    if (part === '(') {
      outer.push(total)
      total = 0
    } else if (part === ')' && outer.length > 0) {
      last = total + 2
      total = (outer.pop() ?? 0) + last
    } else if (least !== undefined) {
      const times = Math.max(Number(least), Number(most ?? 0), 1)
      total += last * (times - 1)
      last *= times
    } else {
      last = 1
      total++
    }
  }
  return outer.reduce((sum, size) => sum + size, total)
}
