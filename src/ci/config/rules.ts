import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { RuleConfig, Spanned, Condition } from '../config.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { readAutoCancel } from './auto-cancel.ts'
import { readChanges } from './changes.ts'
import { readCondition } from './condition.ts'
import { readExists } from './exists.ts'
import { checkKeys } from './keys.ts'
import { readNeeds } from './needs.ts'
import { child, isBlank, isMapping, isString, leaves } from './nodes.ts'
import { readDelay, readFlag } from './scalars.ts'
import { PLAIN_ONLY, readVariables } from './variables.ts'
import { WHENS } from './when.ts'

/** What a rule may say: jobs decide when to run, a workflow only whether there is a pipeline. */
export interface RuleKind {
  readonly keys: readonly string[]
  readonly whens: readonly string[]
}

const COMMON_KEYS = [
  'if',
  'changes',
  'exists',
  'when',
  'start_in',
  'allow_failure',
  'variables',
  'needs',
  'interruptible',
]
export const JOB_RULE: RuleKind = {
  keys: COMMON_KEYS,
  whens: ['on_success', 'on_failure', 'always', 'never', 'manual', 'delayed'],
}
export const WORKFLOW_RULE: RuleKind = { keys: [...COMMON_KEYS, 'auto_cancel'], whens: ['always', 'never'] }

/** `rules`: hashes in lists up to 10 levels deep. */
export function readRules(
  node: YamlNode,
  owner: Report,
  kind: RuleKind = JOB_RULE,
): readonly RuleConfig[] | undefined {
  const rules = node.kind === 'sequence' ? leaves(node) : undefined
  if (rules === undefined || !rules.every(isMapping))
    return entryError(owner, node.span, 'rules', texts.notNestedHashes)
  const report = under(under(owner, 'rules'), 'rule')
  return rules.map((rule) => readRule(rule, report, kind))
}

function readRule(node: YamlMapping, report: Report, kind: RuleKind): RuleConfig {
  if (isBlank(node)) configError(report, node.span, texts.blank)
  checkKeys(node, kind.keys, report)
  const when = readRuleWhen(child(node, 'when'), report, kind)
  const changes = child(node, 'changes')
  const exists = child(node, 'exists')
  const needs = child(node, 'needs')
  const variables = child(node, 'variables')
  const autoCancel = child(node, 'auto_cancel')
  return {
    span: node.span,
    if: readIf(child(node, 'if'), report),
    changes: changes === undefined ? null : (readChanges(changes, under(report, 'changes')) ?? null),
    exists: exists === undefined ? null : (readExists(exists, under(report, 'exists')) ?? null),
    when,
    startIn: readStartIn(node, when, report),
    allowFailure: readFlag(child(node, 'allow_failure'), 'allow_failure', report) ?? null,
    variables:
      variables === undefined ? [] : (readVariables(variables, under(report, 'variables'), PLAIN_ONLY) ?? []),
    needs: needs === undefined ? null : (readNeeds(needs, under(report, 'needs'), ['job']) ?? null),
    interruptible: readFlag(child(node, 'interruptible'), 'interruptible', report) ?? null,
    autoCancel:
      autoCancel === undefined ? null : (readAutoCancel(autoCancel, under(report, 'auto_cancel')) ?? null),
  }
}

function readIf(node: YamlNode | undefined, report: Report): Spanned<Condition> | null {
  if (node === undefined) return null
  if (!isString(node)) {
    entryError(report, node.span, 'if', texts.invalidExpression, 'an expression is a text; put it in quotes')
    return null
  }
  const condition = readCondition(node.value, report.reading)
  if (condition.ok) return { value: condition.value, span: node.span }
  entryError(report, node.span, 'if', texts.invalidExpression, condition.error)
  return null
}

function readRuleWhen(node: YamlNode | undefined, report: Report, kind: RuleKind): RuleConfig['when'] {
  if (node === undefined) return null
  const word = node.kind === 'scalar' ? node.text : ''
  if (!kind.whens.includes(word)) {
    entryError(report, node.span, 'when', texts.unknownValue(word), `allowed here: ${kind.whens.join(', ')}`)
    return null
  }
  return word === 'never' ? 'never' : (WHENS.find((when) => when === word) ?? null)
}

function readStartIn(rule: YamlMapping, when: RuleConfig['when'], report: Report): number | null {
  const entry = rule.entries.get('start_in')
  if (when !== 'delayed') {
    if (entry !== undefined)
      configError(report, entry.key.span, texts.disallowedKeys(['start_in']), 'only with `when: delayed`')
    return null
  }
  if (entry === undefined || isBlank(entry.value)) {
    entryError(report, entry?.value.span ?? rule.span, 'start_in', texts.blank)
    return null
  }
  return readDelay(entry.value, report) ?? null
}
