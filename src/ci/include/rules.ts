import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { ChangesConfig, ExistsConfig } from '../config.ts'
import { readChanges } from '../config/changes.ts'
import { readCondition } from '../config/condition.ts'
import { readExists } from '../config/exists.ts'
import { checkKeys } from '../config/keys.ts'
import { child, isBlank, isMapping, isSequence, isString, strings } from '../config/nodes.ts'
import { evaluate } from '../expression/evaluate.ts'
import type { Expression } from '../expression/expression.ts'
import { decideChanges } from '../plan/changes.ts'
import type { PathPlanning } from '../plan/context.ts'
import { decideExists } from '../plan/exists.ts'
import { type Scope, scopeOf } from '../plan/scope.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { expandExisting } from '../variables/expand.ts'
import type { ProjectAt } from './port.ts'
import type { IncludeScope } from './scope.ts'
import { ruleFailed } from './texts.ts'
import { complain, type IncludeWork } from './work.ts'

/**
 * Whether `include:rules` let a file in: the first rule of which every clause is true decides, and none is a no. What
 * is wrong with them is reported, and the file then stays out.
 */
export async function passesRules(
  node: YamlNode | undefined,
  scope: IncludeScope,
  work: IncludeWork,
): Promise<boolean> {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return true
  const before = work.reading.problems.length
  const rules = readRules(node, { reading: work.reading, path: 'include' })
  if (work.reading.problems.length > before) return false
  for (const rule of rules) {
    if (await matches(rule, scope, work)) return !rule.never
    if (work.reading.problems.length > before) return false
  }
  return false
}

interface IncludeRule {
  readonly if: Expression | null
  readonly changes: ChangesConfig | null
  readonly exists: ExistsConfig | null
  readonly never: boolean
}

function readRules(node: YamlNode, report: Report): IncludeRule[] {
  if (isBlank(node)) configError(under(report, 'rules'), node.span, texts.blank)
  if (!isSequence(node)) {
    configError(under(report, 'rules'), node.span, texts.notAnArray)
    return []
  }
  const at = under(report, 'rule')
  return node.items.flatMap((item) => {
    if (isMapping(item)) return [readRule(item, at)]
    configError(at, item.span, texts.notAHash)
    return []
  })
}

function readRule(node: YamlMapping, report: Report): IncludeRule {
  if (isBlank(node)) configError(report, node.span, texts.blank)
  checkKeys(node, ['if', 'exists', 'changes', 'when'], report)
  const changes = child(node, 'changes')
  const exists = child(node, 'exists')
  return {
    if: readIf(child(node, 'if'), report),
    changes: changes === undefined ? null : (readChanges(changes, under(report, 'changes')) ?? null),
    exists: exists === undefined ? null : (readIncludeExists(exists, under(report, 'exists')) ?? null),
    never: readNever(child(node, 'when'), report),
  }
}

function readIf(node: YamlNode | undefined, report: Report): Expression | null {
  if (node === undefined) return null
  const condition = isString(node) ? readCondition(node.value, report.reading) : undefined
  if (condition?.ok) return condition.value.expression
  entryError(report, node.span, 'if', texts.invalidExpression, condition?.error)
  return null
}

/** GitLab: one path may stand alone, and a plain list has no limit here. */
function readIncludeExists(node: YamlNode, report: Report): ExistsConfig | undefined {
  const paths = isString(node) ? [node.value] : strings(node)
  if (paths === undefined) return readExists(node, report)
  return { span: node.span, paths, regexp: null, project: null, ref: null }
}

function readNever(node: YamlNode | undefined, report: Report): boolean {
  if (node === undefined) return false
  const word = node.kind === 'scalar' ? node.text : ''
  if (word !== 'always' && word !== 'never') {
    entryError(report, node.span, 'when', texts.unknownValue(word), 'allowed here: always, never')
  }
  return word === 'never'
}

async function matches(rule: IncludeRule, scope: IncludeScope, work: IncludeWork): Promise<boolean> {
  const values = scopeOf([...scope.variables.values()])
  if (rule.if !== null && !evaluate(rule.if, values).truthy) return false
  if (rule.changes !== null && !(await changed(rule.changes, values, work))) return false
  return rule.exists === null || fileExists(rule.exists, values, scope, work)
}

async function changed(changes: ChangesConfig, values: Scope, work: IncludeWork): Promise<boolean> {
  const { compareTo } = changes
  const ref = compareTo === null ? null : expandExisting(compareTo, (name) => values.get(name))
  const compared = ref === null ? null : await work.port.comparedPaths(ref)
  const planning = pathPlanning({
    changedPaths: ref === null ? await work.port.changedPaths() : null,
    compared: new Map(ref === null ? [] : [[ref, compared]]),
  })
  const answer = decideChanges(changes, values, planning)
  if (!('error' in answer)) return answer.matched
  complain(
    work,
    changes.span,
    ruleFailed(answer.error),
    ref === null ? undefined : `there is no ref "${ref}"`,
  )
  return false
}

async function fileExists(
  clause: ExistsConfig,
  values: Scope,
  scope: IncludeScope,
  work: IncludeWork,
): Promise<boolean> {
  const at = await whereToLook(clause, values, scope, work)
  if (at === undefined) return false
  const planning = pathPlanning({ treePaths: at === null ? [] : await work.port.paths(at) })
  const answer = decideExists({ ...clause, project: null, ref: null }, values, planning)
  return !('error' in answer) && answer.matched
}

/** The project of the including file, or the one that `exists:project` names. Undefined: reported. */
async function whereToLook(
  clause: ExistsConfig,
  values: Scope,
  scope: IncludeScope,
  work: IncludeWork,
): Promise<ProjectAt | null | undefined> {
  const { project, ref } = clause
  if (project === null) return scope.at
  const expand = (text: string): string => expandExisting(text, (name) => values.get(name))
  const name = expand(project)
  const wanted = ref === null ? null : expand(ref)
  const found = await work.port.project(name, wanted, scope.anonymous)
  if (!('kind' in found)) return found
  const reason =
    found.reason === 'no_ref'
      ? `rules:exists:ref \`${wanted ?? 'HEAD'}\` is not a valid ref in project \`${name}\``
      : `rules:exists:project \`${name}\` not found or access denied`
  return complain(work, clause.span, ruleFailed(reason), found.help)
}

function pathPlanning(facts: Partial<PathPlanning['facts']>): PathPlanning {
  return {
    facts: { projectFullPath: '', changedPaths: null, treePaths: null, compared: new Map(), ...facts },
    patterns: new Map(),
    pathAnswers: new Map(),
  }
}
