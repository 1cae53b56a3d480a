import { RE2JS } from 're2js'

/** Header of each line when a runner writes timestamps. */
const TIMESTAMP = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{6}Z [0-9a-f]{2}[EO][+ ]/

/**
 * GitLab: the last line that matches, its last match; of that the last group (or all of it), and in there the first number.
 * `pattern` is the source between the slashes of `coverage:`. Undefined when nothing matches.
 */
export function extractCoverage(pattern: string, log: string): number | undefined {
  const expression = RE2JS.compile(pattern)
  const lines = log.split('\n')
  for (let index = lines.length - 1; index >= 0; index--) {
    const found = lastMatch(expression, (lines[index] ?? '').replace(TIMESTAMP, ''))
    const number = found?.match(/\d+(?:\.\d+)?/)?.[0]
    if (number !== undefined) return Number(number)
  }
  return undefined
}

function lastMatch(expression: RE2JS, line: string): string | undefined {
  const matcher = expression.matcher(line)
  let last: string | undefined
  while (matcher.find()) last = matcher.group(matcher.groupCount()) ?? matcher.group() ?? undefined
  return last
}
