import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { Span } from '../../shared/diagnostic.ts'
import type { Condition, PolicyConfig, Spanned } from '../config.ts'
import { compileRefPattern } from '../expression/look-ahead.ts'
import { locate } from '../../shared/source-text.ts'
import { configError, entryError, type Report, shapeError } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { readCondition } from './condition.ts'
import { child, isBlank, isMapping, isSequence, isString, strings } from './nodes.ts'

/** A ref item that is a regular expression: slashes, then flags. Anything else is a name or a keyword. */
export const REF_PATTERN = /^\/.*\/[ismU]*$/s

/** `only` and `except`: a list of refs, or a hash of `refs`, `variables`, `changes`, `kubernetes`. */
export function readPolicy(node: YamlNode, report: Report): PolicyConfig | undefined {
  if (isSequence(node)) {
    const refs = readRefs(node, 'config', report)
    return refs && { span: node.span, refs, variables: null, changes: null, kubernetes: null }
  }
  if (!isMapping(node)) return shapeError(report, node.span, texts.notAPolicy, helpFor(node))
  if (isBlank(node)) configError(report, node.span, texts.blank)
  checkKeys(node, ['refs', 'variables', 'changes', 'kubernetes'], report)
  return {
    span: node.span,
    refs: readRefs(child(node, 'refs'), 'refs', report) ?? null,
    variables: readConditions(child(node, 'variables'), report) ?? null,
    changes: readChanges(node, report) ?? null,
    kubernetes: readKubernetes(node, report) ?? null,
  }
}

function helpFor(node: YamlNode): string | undefined {
  return isString(node) ? `write it as a list: [${node.value}]` : undefined
}

function readRefs(
  node: YamlNode | undefined,
  attribute: string,
  report: Report,
): Spanned<readonly string[]> | undefined {
  if (node === undefined) return undefined
  const refs = strings(node)
  if (refs === undefined) return entryError(report, node.span, attribute, texts.notStringsOrPatterns)
  for (const [index, ref] of refs.entries()) {
    if (!REF_PATTERN.test(ref)) continue
    const compiled = compileRefPattern(ref)
    const { span } = (isSequence(node) ? node.items[index] : undefined) ?? node
    if (!compiled.ok) entryError(report, span, attribute, texts.notStringsOrPatterns, compiled.error)
    else if (compiled.value.outdated) warnOfLookAhead(ref, span, report)
  }
  return { value: refs, span: node.span }
}

function warnOfLookAhead(ref: string, span: Span, { path, reading }: Report): void {
  const { code, text } = texts.outdatedPattern(ref)
  const location = locate(reading.sources, span)
  const help = 'RE2 has no look-ahead; say with `rules:if` and `!~` what must not match'
  reading.warnings.push({ severity: 'warning', code, message: `${path} ${text}`, location, help })
}

function readConditions(
  node: YamlNode | undefined,
  report: Report,
): Spanned<readonly Condition[]> | undefined {
  if (node === undefined) return undefined
  if (!isSequence(node)) return entryError(report, node.span, 'variables', texts.notStrings)
  const conditions: Condition[] = []
  for (const item of node.items) {
    if (!isString(item)) return entryError(report, item.span, 'variables', texts.notStrings)
    const condition = readCondition(item.value, report.reading)
    if (condition.ok) conditions.push(condition.value)
    else entryError(report, item.span, 'variables', texts.invalidExpression, condition.error)
  }
  return { value: conditions, span: node.span }
}

function readChanges(policy: YamlMapping, report: Report): Spanned<readonly string[]> | undefined {
  const node = child(policy, 'changes')
  if (node === undefined) return undefined
  const globs = strings(node)
  return globs === undefined
    ? entryError(report, node.span, 'changes', texts.notStrings)
    : { value: globs, span: node.span }
}

function readKubernetes(policy: YamlMapping, report: Report): Spanned<string> | undefined {
  const node = child(policy, 'kubernetes')
  if (node === undefined) return undefined
  const word = node.kind === 'scalar' ? node.text : ''
  if (word !== 'active') return entryError(report, node.span, 'kubernetes', texts.unknownValue(word))
  return { value: word, span: node.span }
}
