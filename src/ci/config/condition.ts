import { parseExpression } from '../expression/parser.ts'
import type { Condition } from '../config.ts'
import type { Reading } from '../report.ts'
import { err, ok, type Result } from '../../shared/result.ts'

/**
 * Parses an `if`; the same text is parsed once for the whole document. The error is our line about what is
 * wrong and where.
 */
export function readCondition(text: string, reading: Reading): Result<Condition, string> {
  let parsed = reading.expressions.get(text)
  if (parsed === undefined) {
    parsed = parseExpression(text)
    reading.expressions.set(text, parsed)
  }
  if (parsed.ok) return ok({ text, expression: parsed.value })
  const { message, at, help } = parsed.error
  return err(`${message} at character ${at + 1}${help === undefined ? '' : `: ${help}`}`)
}
