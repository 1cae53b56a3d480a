import { printPattern } from './print.ts'
import { compilePattern, matches } from './pattern.ts'
import { unescapeSlashes } from './parser.ts'
import type { Expression, Operator } from './expression.ts'

/** What a part of an expression can be worth. */
type Value = string | boolean | null | PatternValue

interface PatternValue {
  readonly source: string
}

export interface Surroundings {
  /** Values of `$[[ inputs.name ]]`. */
  readonly inputs?: ReadonlyMap<string, string | boolean | null>
  /** Names whose values must not be shown. */
  readonly masked?: ReadonlySet<string>
}

interface Outcome {
  readonly value: Value
  readonly detail: string
  /** Set when the detail is several parts joined by this operator. */
  readonly joined?: '&&' | '||'
}

interface Scope {
  readonly variables: ReadonlyMap<string, string>
  readonly inputs: ReadonlyMap<string, string | boolean | null>
  readonly masked: ReadonlySet<string>
}

const NONE = { inputs: new Map<string, string>(), masked: new Set<string>() }

/**
 * Decides an expression. `variables` are the plain, unexpanded values. `detail` shows what decided, with the values compared:
 * `"feature/x" == "main"`, `CI_COMMIT_TAG is not set`.
 *
 * GitLab: the value must be present; null, false and blank text are not, while `"false"` and `"0"` are.
 */
export function evaluate(
  expression: Expression,
  variables: ReadonlyMap<string, string>,
  surroundings: Surroundings = {},
): { truthy: boolean; detail: string } {
  const { value, detail } = decide(expression, { variables, ...NONE, ...surroundings })
  return { truthy: isPresent(value), detail }
}

function decide(expression: Expression, scope: Scope): Outcome {
  switch (expression.kind) {
    case 'binary':
      return decideBinary(expression.operator, expression.left, expression.right, scope)
    case 'not': {
      const operand = decide(expression.operand, scope)
      const value = !isPresent(operand.value)
      return { value, detail: isLeaf(expression.operand) ? operand.detail : `!(${operand.detail})` }
    }
    default: {
      const value = leafValue(expression, scope)
      return { value, detail: describeLeaf(expression, value, scope) }
    }
  }
}

function decideBinary(operator: Operator, left: Expression, right: Expression, scope: Scope): Outcome {
  if (operator === '&&') return decideAnd(decide(left, scope), right, scope)
  if (operator === '||') return decideOr(decide(left, scope), right, scope)
  const [x, y] = [decide(left, scope).value, decide(right, scope).value]
  return {
    value: compare(operator, x, y),
    detail: `${show(left, x, scope)} ${operator} ${show(right, y, scope)}${unset([left, right], scope)}`,
  }
}

/** Ruby's `&&` gives an operand back, and only null and false are falsy for it. */
function decideAnd(left: Outcome, right: Expression, scope: Scope): Outcome {
  if (!isTruthy(left.value)) return left
  const second = decide(right, scope)
  if (!isPresent(second.value)) return second
  const part = (outcome: Outcome): string =>
    outcome.joined === '||' ? `(${outcome.detail})` : outcome.detail
  return { value: second.value, detail: `${part(left)} && ${part(second)}`, joined: '&&' }
}

function decideOr(left: Outcome, right: Expression, scope: Scope): Outcome {
  if (isTruthy(left.value)) return left
  const second = decide(right, scope)
  if (isPresent(second.value)) return second
  return { value: second.value, detail: `${left.detail} || ${second.detail}`, joined: '||' }
}

function leafValue(expression: Exclude<Expression, { kind: 'binary' | 'not' }>, scope: Scope): Value {
  switch (expression.kind) {
    case 'variable':
      return scope.variables.get(expression.name) ?? null
    case 'input':
      return scope.inputs.get(expression.name) ?? null
    case 'pattern':
      return { source: expression.source }
    case 'null':
      return null
    default:
      return expression.value
  }
}

function compare(operator: Operator, x: Value, y: Value): boolean {
  switch (operator) {
    case '==':
      return isEqual(x, y)
    case '!=':
      return !isEqual(x, y)
    case '=~':
      return isFound(x, y)
    default:
      return !isFound(x, y)
  }
}

function isEqual(x: Value, y: Value): boolean {
  return isPattern(x) && isPattern(y) ? x.source === y.source : x === y
}

/** `x =~ y`. GitLab: text that is no pattern is searched the other way round: is x contained in y? */
function isFound(x: Value, y: Value): boolean {
  if (y === null || typeof y === 'boolean') return false
  const text = isPattern(x) ? '#<Gitlab::UntrustedRegexp>' : String(x ?? '')
  const compiled = compilePattern(isPattern(y) ? y.source : unescapeSlashes(y))
  if (compiled.ok) return matches(compiled.value, text)
  return typeof y === 'string' && y.includes(text)
}

function isPattern(value: Value): value is PatternValue {
  return typeof value === 'object' && value !== null
}

function isTruthy(value: Value): boolean {
  return value !== null && value !== false
}

function isPresent(value: Value): boolean {
  return typeof value === 'string' ? !isBlank(value) : isTruthy(value)
}

/** Rails: `[[:space:]]`, which is Unicode's White_Space. Written out, because `\p{…}` takes a millisecond to compile. */
function isBlank(text: string): boolean {
  return /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/.test(text)
}

function isLeaf(expression: Expression): boolean {
  return expression.kind !== 'binary' && expression.kind !== 'not'
}

function describeLeaf(expression: Expression, value: Value, scope: Scope): string {
  const name = nameOf(expression)
  if (name === undefined) return show(expression, value, scope)
  if (value === null) return `${name} is not set`
  if (typeof value === 'string' && isBlank(value)) return `${name} is empty`
  return `${name} is ${show(expression, value, scope)}`
}

/** A value as it stands in a comparison; a masked one stays hidden, also in what is computed from it. */
function show(expression: Expression, value: Value, scope: Scope): string {
  if (typeof value === 'string' && mentionsMasked(expression, scope)) return '[MASKED]'
  if (isPattern(value)) return printPattern(value.source)
  return typeof value === 'string' ? JSON.stringify(shorten(value)) : String(value)
}

function mentionsMasked(expression: Expression, scope: Scope): boolean {
  if (expression.kind === 'binary')
    return mentionsMasked(expression.left, scope) || mentionsMasked(expression.right, scope)
  return expression.kind === 'variable' && scope.masked.has(expression.name)
}

function unset(operands: readonly Expression[], scope: Scope): string {
  const names = operands.flatMap((operand) =>
    operand.kind === 'variable' && !scope.variables.has(operand.name) ? [operand.name] : [],
  )
  return names.length === 0 ? '' : ` (${names.map((name) => `${name} is not set`).join(', ')})`
}

function nameOf(expression: Expression): string | undefined {
  if (expression.kind === 'variable') return expression.name
  return expression.kind === 'input' ? `inputs.${expression.name}` : undefined
}

const SHOWN = 80

function shorten(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`
}
