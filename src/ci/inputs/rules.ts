import type { Span } from '../../shared/diagnostic.ts'
import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import { readCondition } from '../config/condition.ts'
import { findCycle } from '../config/cycles.ts'
import { checkKeys } from '../config/keys.ts'
import { child, isMapping, isSequence, isString } from '../config/nodes.ts'
import { evaluate } from '../expression/evaluate.ts'
import type { Expression } from '../expression/expression.ts'
import { addProblem, configError, entryError, type Report, under } from '../report.ts'
import { invalidExpression, notAHash, notAnArray, notAString } from '../texts.ts'
import type { InputSpec } from './specification.ts'
import {
  fallbackWithoutOptions,
  ruleCycle,
  ruleWithoutEffect,
  tooManyOptions,
  undefinedReferences,
} from './texts.ts'

/** One of `spec:inputs:NAME:rules`. */
export interface InputRule {
  readonly span: Span
  /** Null: the fallback, which always matches. */
  readonly if: Expression | null
  readonly options: readonly YamlNode[] | null
  /** Null: the key is not written. */
  readonly default: YamlNode | null
}

const MOST_OPTIONS = 50

/** `rules` of the input `name`, which GitLab's messages begin with. */
export function readInputRules(node: YamlNode, name: string, report: Report): readonly InputRule[] | null {
  if (!isSequence(node)) {
    configError(report, node.span, notAnArray)
    return null
  }
  const at = under(report, 'rule')
  const rules: InputRule[] = []
  for (const item of node.items) {
    if (isMapping(item)) rules.push(readRule(item, name, at))
    else configError(at, item.span, notAHash)
  }
  return rules
}

function readRule(node: YamlMapping, name: string, report: Report): InputRule {
  checkKeys(node, ['if', 'options', 'default'], report)
  const condition = child(node, 'if')
  const options = child(node, 'options')
  const hasDefault = node.entries.has('default')
  if (options !== undefined && !isSequence(options)) entryError(report, options.span, 'options', notAnArray)
  if (isSequence(options) && options.items.length > MOST_OPTIONS)
    configError(report, options.span, tooManyOptions)
  if (options === undefined && condition === undefined) {
    addProblem(report.reading, node.span, fallbackWithoutOptions(name))
  } else if (options === undefined && !hasDefault) {
    addProblem(report.reading, node.span, ruleWithoutEffect(name))
  }
  return {
    span: node.span,
    if: condition === undefined ? null : readIf(condition, report),
    options: isSequence(options) ? options.items : null,
    default: node.entries.get('default')?.value ?? null,
  }
}

function readIf(node: YamlNode, report: Report): Expression | null {
  if (!isString(node)) {
    entryError(report, node.span, 'if', notAString)
    return null
  }
  const condition = readCondition(node.value, report.reading)
  if (condition.ok) return condition.value.expression
  entryError(report, node.span, 'if', invalidExpression, condition.error)
  return null
}

/** The first rule that holds for the values so far; undefined: none does. */
export function matchingRule(
  rules: readonly InputRule[],
  inputs: ReadonlyMap<string, string | boolean | null>,
): InputRule | undefined {
  return rules.find((rule) => rule.if === null || evaluate(rule.if, new Map(), { inputs }).truthy)
}

/** Rules may name other inputs, but only declared ones, and not in a circle. */
export function checkRuleReferences(specs: ReadonlyMap<string, InputSpec>, report: Report): void {
  const edges = new Map<string, readonly string[]>()
  for (const spec of specs.values()) {
    const at = under(report, spec.name)
    const named = (spec.rules ?? []).map((rule) => (rule.if === null ? [] : inputsIn(rule.if)))
    for (const [index, names] of named.entries()) {
      const unknown = names.filter((name) => !specs.has(name))
      if (unknown.length > 0)
        configError(at, spec.rules?.[index]?.span ?? spec.span, undefinedReferences(index, unknown))
    }
    edges.set(spec.name, named.flat())
  }
  const cycle = findCycle(edges.keys(), (name) => edges.get(name))
  const first = cycle && specs.get(cycle[0] ?? '')
  if (cycle && first) {
    configError(under(report, first.name), first.span, ruleCycle, [...cycle, first.name].join(' → '))
  }
}

function inputsIn(expression: Expression): string[] {
  if (expression.kind === 'input') return [expression.name]
  if (expression.kind === 'not') return inputsIn(expression.operand)
  return expression.kind === 'binary' ? [...inputsIn(expression.left), ...inputsIn(expression.right)] : []
}
