import { PRECEDENCE, type Expression } from './expression.ts'

/** The expression as text that parses to the same expression, with the fewest parentheses. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'variable':
      return `$${expression.name}`
    case 'input':
      return `$[[ inputs.${expression.name} ]]`
    case 'string':
      // There is no escape: a string holds at most one of the two quotes.
      return expression.value.includes('"') ? `'${expression.value}'` : `"${expression.value}"`
    case 'pattern':
      return printPattern(expression.source)
    case 'boolean':
      return String(expression.value)
    case 'null':
      return 'null'
    case 'not':
      return `!${inParentheses(expression.operand, 1)}`
    case 'binary': {
      const level = PRECEDENCE[expression.operator]
      return `${inParentheses(expression.left, level)} ${expression.operator} ${inParentheses(expression.right, level - 1)}`
    }
  }
}

/** A pattern as it must be written inside an expression: every `/` of its body escaped. */
export function printPattern(source: string): string {
  const close = source.lastIndexOf('/')
  return `/${source.slice(1, close).replaceAll('/', '\\/')}${source.slice(close)}`
}

function inParentheses(expression: Expression, loosest: number): string {
  const text = printExpression(expression)
  return expression.kind === 'binary' && PRECEDENCE[expression.operator] > loosest ? `(${text})` : text
}
