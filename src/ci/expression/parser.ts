import { err, ok, type Result } from '../../shared/result.ts'
import { PRECEDENCE, type Expression, type ExpressionError } from './expression.ts'
import { tokenize, type Token } from './lexer.ts'
import { compilePattern } from './pattern.ts'

type Waiting = Exclude<Token, { kind: 'value' | 'close' }>
type Node = { readonly expression: Expression; readonly at: number }

/**
 * Reads an `if:` or `only:variables` expression. The error's `message` is the one GitLab raises inside; what users see from
 * GitLab is `invalid expression syntax`.
 *
 * Like GitLab this goes over reverse Polish notation, so odd orders that it accepts (`$A "x" ==`) are accepted here.
 */
export function parseExpression(text: string): Result<Expression, ExpressionError> {
  const tokens = tokenize(text)
  if (!tokens.ok) return tokens
  const ordered = toReversePolish(tokens.value)
  if (!ordered.ok) return ordered
  return toTree(ordered.value, tokens.value, text.length)
}

/** Shunting-yard. An open parenthesis that nothing closes stays in the output, where `toTree` refuses it. */
function toReversePolish(tokens: readonly Token[]): Result<readonly Token[], ExpressionError> {
  const output: Token[] = []
  const waiting: Waiting[] = []
  const popUntil = (stop: (top: Waiting) => boolean): void => {
    for (let top = waiting.at(-1); top && !stop(top); top = waiting.at(-1)) {
      output.push(top)
      waiting.pop()
    }
  }
  for (const token of tokens) {
    if (token.kind === 'value') output.push(token)
    else if (token.kind === 'close') {
      popUntil((top) => top.kind === 'open')
      if (waiting.pop() === undefined) return err({ message: 'Unmatched parenthesis', at: token.at })
    } else {
      if (token.kind === 'operator') {
        popUntil(
          (top) =>
            top.kind === 'open' ||
            (top.kind === 'operator' && PRECEDENCE[token.operator] < PRECEDENCE[top.operator]),
        )
      }
      waiting.push(token)
    }
  }
  popUntil(() => false)
  return ok(output)
}

function toTree(
  ordered: readonly Token[],
  written: readonly Token[],
  end: number,
): Result<Expression, ExpressionError> {
  const results: Node[] = []
  for (const token of ordered) {
    const built = build(token, results)
    if (!built.ok) return built
    results.push({ expression: built.value, at: token.at })
  }
  const [root, second] = results
  if (second)
    return err({ message: 'Unreachable nodes in parse tree', at: firstUnjoined(written) ?? second.at })
  if (!root) return err({ message: 'Empty parse tree', at: written.at(-1)?.at ?? end })
  return ok(root.expression)
}

function build(token: Token, results: Node[]): Result<Expression, ExpressionError> {
  switch (token.kind) {
    case 'value':
      return buildValue(token)
    case 'not': {
      const operand = results.pop()
      return operand
        ? ok({ kind: 'not', operand: operand.expression })
        : err({ message: 'Invalid operand', at: token.at })
    }
    case 'operator': {
      const right = results.pop()
      const left = results.pop()
      if (!left || !right) return err({ message: 'Invalid left operand', at: token.at })
      return ok({ kind: 'binary', operator: token.operator, left: left.expression, right: right.expression })
    }
    default:
      return err({ message: 'Unprocessable token found in parse tree: parenthesis_open', at: token.at })
  }
}

function buildValue(token: Extract<Token, { kind: 'value' }>): Result<Expression, ExpressionError> {
  const { text } = token
  switch (token.type) {
    case 'variable':
      return ok({ kind: 'variable', name: text.slice(1) })
    case 'input':
      return ok({ kind: 'input', name: text.slice(text.indexOf('.') + 1, -2).trimEnd() })
    case 'string':
      return ok({ kind: 'string', value: text.slice(1, -1) })
    case 'boolean':
      return ok({ kind: 'boolean', value: text === 'true' })
    case 'null':
      return ok({ kind: 'null' })
    case 'pattern': {
      const source = unescapeSlashes(text)
      const compiled = compilePattern(source)
      if (compiled.ok) return ok({ kind: 'pattern', source })
      return err({ message: 'Invalid regular expression!', at: token.at, help: compiled.error })
    }
  }
}

/** GitLab: `Lexeme::Pattern#initialize`, for patterns in the expression and for values of variables alike. */
export function unescapeSlashes(pattern: string): string {
  return pattern.replaceAll('\\/', '/')
}

/** Where a value begins although no operator stands before it: the best place for a caret. */
function firstUnjoined(tokens: readonly Token[]): number | undefined {
  return tokens.find((token, index) => {
    const before = tokens[index - 1]?.kind
    return (before === 'value' || before === 'close') && (token.kind === 'value' || token.kind === 'open')
  })?.at
}
