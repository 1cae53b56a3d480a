import { createRequire } from 'node:module'
import type * as Re2js from 're2js'
import { err, ok, type Result } from './result.ts'
import { matchesWildcard } from './wildcard.ts'

/**
 * A pattern for short names of branches and tags: a name, a name with `*` for anything, or `/a regular expression/` (RE2, with the
 * flag `i` if wanted) that is found anywhere in the name. The error is what RE2 says of an expression.
 */
export function compileRefPattern(text: string): Result<(name: string) => boolean, string> {
  const expression = /^\/(.*)\/(i?)$/s.exec(text)
  if (!expression) return ok((name) => matchesWildcard(text, name))
  const [, body = '', flag = ''] = expression
  try {
    const pattern = loadRe2().compile(flag === '' ? body : `(?i)${body}`)
    return ok((name) => pattern.test(name))
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

/** Loaded when the first expression is met: few configurations have one, and it costs 7 ms. */
function loadRe2(): typeof Re2js.RE2JS {
  const library = createRequire(import.meta.url)('re2js') as typeof Re2js // `require` has no types
  return library.RE2JS
}
