import { PIPELINE_SOURCES } from '../../model/source.ts'
import { closest } from '../../shared/closest.ts'
import { evaluate } from '../expression/evaluate.ts'
import type { Expression } from '../expression/expression.ts'

/**
 * Why an expression can never be true, whatever the variables are; undefined when it may. Looks at the parts that `&&` joins and
 * at each side of `||`; takes GitLab's predefined variables to be what GitLab sets them to.
 */
export function contradiction(expression: Expression): string | undefined {
  if (expression.kind === 'binary' && expression.operator === '||') {
    const left = contradiction(expression.left)
    return left === undefined || contradiction(expression.right) === undefined ? undefined : left
  }
  const parts = conjuncts(expression)
  if (parts.every(isConstant)) {
    const { truthy, detail } = evaluate(expression, new Map())
    return truthy ? undefined : `${detail} is never true`
  }
  for (const part of parts) {
    if (part.kind === 'binary' && part.operator === '||') {
      const reason = contradiction(part)
      if (reason !== undefined) return reason
    }
  }
  return conflict(parts.flatMap((part) => claimOf(part) ?? []))
}

function conjuncts(expression: Expression): Expression[] {
  return expression.kind === 'binary' && expression.operator === '&&'
    ? [...conjuncts(expression.left), ...conjuncts(expression.right)]
    : [expression]
}

function isConstant(expression: Expression): boolean {
  if (expression.kind === 'binary') return isConstant(expression.left) && isConstant(expression.right)
  if (expression.kind === 'not') return isConstant(expression.operand)
  return expression.kind !== 'variable' && expression.kind !== 'input'
}

/** What one part says of one variable. */
type Claim =
  | { readonly name: string; readonly is: 'present' | 'absent' }
  | { readonly name: string; readonly is: 'equal'; readonly value: string }

function claimOf(part: Expression): Claim | undefined {
  if (part.kind === 'variable') return { name: part.name, is: 'present' }
  if (part.kind !== 'binary') return undefined
  const { operator, left, right } = part
  const [variable, other] = left.kind === 'variable' ? [left, right] : [right, left]
  if (variable.kind !== 'variable') return undefined
  if (operator === '==' && other.kind === 'string')
    return { name: variable.name, is: 'equal', value: other.value }
  if (operator === '==' && other.kind === 'null') return { name: variable.name, is: 'absent' }
  if (operator === '!=' && other.kind === 'null') return { name: variable.name, is: 'present' }
  return undefined
}

function conflict(claims: readonly Claim[]): string | undefined {
  for (const [index, claim] of claims.entries()) {
    const alone = impossible(claim)
    if (alone !== undefined) return alone
    for (const other of claims.slice(index + 1)) {
      const reason = between(claim, other) ?? between(other, claim)
      if (reason !== undefined) return reason
    }
  }
  return undefined
}

function impossible(claim: Claim): string | undefined {
  if (claim.name !== 'CI_PIPELINE_SOURCE' || claim.is !== 'equal') return undefined
  if (PIPELINE_SOURCES.some((source) => source === claim.value)) return undefined
  const near = NEARLY_SOURCES[claim.value] ?? closest(claim.value, PIPELINE_SOURCES)
  return `no pipeline has the source "${claim.value}"${near === undefined ? '' : `; did you mean "${near}"?`}`
}

/** Words of `only` that are taken for sources. */
const NEARLY_SOURCES: Readonly<Record<string, string>> = {
  merge_request: 'merge_request_event',
  merge_requests: 'merge_request_event',
  external_pull_request: 'external_pull_request_event',
  external_pull_requests: 'external_pull_request_event',
  scheduled: 'schedule',
  schedules: 'schedule',
  tag: 'push',
  tags: 'push',
  manual: 'web',
}

function between(one: Claim, other: Claim): string | undefined {
  if (one.name === other.name) {
    if (one.is === 'equal' && other.is === 'equal' && one.value !== other.value)
      return `${one.name} cannot be "${one.value}" and "${other.value}" at once`
    return one.is === 'absent' && other.is !== 'absent'
      ? `${one.name} cannot be set and not set at once`
      : undefined
  }
  if (other.is === 'absent') return undefined
  if (one.is === 'absent') return undefined
  if (one.name === 'CI_COMMIT_TAG' && other.name === 'CI_COMMIT_BRANCH')
    return 'CI_COMMIT_TAG is set in tag pipelines only, and CI_COMMIT_BRANCH never there'
  const inMergeRequest =
    one.name.startsWith('CI_MERGE_REQUEST_') ||
    (one.name === 'CI_PIPELINE_SOURCE' && one.is === 'equal' && one.value === 'merge_request_event')
  if (inMergeRequest && (other.name === 'CI_COMMIT_TAG' || other.name === 'CI_COMMIT_BRANCH'))
    return `${other.name} is not set in merge request pipelines`
  const elsewhere =
    other.name === 'CI_PIPELINE_SOURCE' && other.is === 'equal' && other.value !== 'merge_request_event'
  if (one.name.startsWith('CI_MERGE_REQUEST_') && elsewhere)
    return `${one.name} is set in merge request pipelines only`
  return undefined
}
