import { err, ok, type Result } from '../../shared/result.ts'
import type { ExpressionError, Operator } from './expression.ts'

export type Token =
  | { readonly kind: 'value'; readonly type: ValueType; readonly text: string; readonly at: number }
  | { readonly kind: 'operator'; readonly operator: Operator; readonly at: number }
  | { readonly kind: 'not' | 'open' | 'close'; readonly at: number }

type ValueType = 'input' | 'variable' | 'string' | 'pattern' | 'null' | 'boolean'

/** GitLab's `Lexer::MAX_TOKENS`: the loop runs this often and must also see the end, so an expression has at most 99 tokens. */
const MAX_TOKENS = 100

/** In GitLab's order: at each place the first that matches is taken. `!` exists in the newest releases only. */
const LEXEMES: readonly (readonly [RegExp, (text: string, at: number) => Token])[] = [
  [/\(/y, (_, at) => ({ kind: 'open', at })],
  [/\)/y, (_, at) => ({ kind: 'close', at })],
  [/\$\[\[[ \t\r\n\f\v]*inputs\.\w+[ \t\r\n\f\v]*\]\]/y, value('input')],
  [/\$\w+/y, value('variable')],
  [/"[^\n]*?"|'[^\n]*?'/y, value('string')],
  // At least two characters, the last of them no backslash, so that `\/` does not close. `u`: a character is a code point.
  [/\/(?:[^/]|\\\/)+[^\\]\/[ismU]*/uy, value('pattern')],
  [/null/y, value('null')],
  [/(?:true|false)\b/y, value('boolean')],
  [/==|=~|!=|!~|&&|\|\|/y, (text, at) => ({ kind: 'operator', operator: text as Operator, at })], // the pattern lists the operators
  [/!/y, (_, at) => ({ kind: 'not', at })],
]

const SPACE = /[ \t\r\n\f\v]+/y

/** The tokens of an expression, or GitLab's lexer error with the offset of what it could not read. */
export function tokenize(text: string): Result<readonly Token[], ExpressionError> {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at += matchAt(SPACE, text, at)?.length ?? 0
    if (tokens.length === MAX_TOKENS) return err({ message: 'Too many tokens!', at })
    if (at === text.length) return ok(tokens)
    const token = nextToken(text, at)
    if (token === undefined) return err({ message: 'Unknown lexeme found!', at })
    tokens.push(token.token)
    at += token.length
  }
}

function nextToken(text: string, at: number): { token: Token; length: number } | undefined {
  for (const [pattern, make] of LEXEMES) {
    const found = matchAt(pattern, text, at)
    if (found !== undefined) return { token: make(found, at), length: found.length }
  }
  return undefined
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function value(type: ValueType): (text: string, at: number) => Token {
  return (text, at) => ({ kind: 'value', type, text, at })
}
