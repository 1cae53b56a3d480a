import type { Result } from '../result.ts'
import type { CronProblem } from './cron.ts'
import type { Field } from './fields.ts'

/** Something read from an expression, and the offset behind it. */
export type Scan<T> = Result<{ readonly value: T; readonly end: number }, CronProblem>

/** What the sticky `pattern` matches at `at`; empty when nothing. */
export function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** The problem of a character that cannot stand where it stands. */
export function unexpected(text: string, at: number, field: Field): CronProblem {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  if (at >= text.length) return { message: `the ${field.name} is not complete`, at }
  return { message: `unexpected ${JSON.stringify(character)} in the ${field.name}`, at }
}
