import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { TriggerIncludePlan, TriggerPlan } from '../../model/keyword-plans.ts'
import type { Spanned, TriggerConfig } from '../config.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, shapeError, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBlank, isBoolean, isMapping, isSequence, isString, plainHash } from './nodes.ts'
import { readText } from './scalars.ts'

const PROJECT_KEYS = ['project', 'branch', 'strategy', 'forward', 'inputs']
// GitLab: a child pipeline gets its inputs beside each file.
const CHILD_KEYS = ['include', 'strategy', 'forward']
const INCLUDE_KEYS = [
  'local',
  'file',
  'remote',
  'template',
  'component',
  'artifact',
  'inputs',
  'job',
  'project',
  'ref',
  'rules',
  'integrity',
]
const MOST_INCLUDES = 3
const STRATEGIES = ['depend', 'mirror'] as const

const FORWARD: TriggerPlan['forward'] = { yamlVariables: true, pipelineVariables: false }

/** `trigger`: the path of a project, or a hash that names a project or includes the files of a child pipeline. */
export function readTrigger(node: YamlNode, report: Report): TriggerConfig | undefined {
  if (isString(node)) {
    if (isBlank(node)) return configError(report, node.span, texts.blank)
    const plan = {
      kind: 'project',
      project: node.value,
      branch: null,
      strategy: null,
      forward: FORWARD,
    } as const
    return { plan, generators: [], span: node.span }
  }
  if (!isMapping(node)) return shapeError(report, node.span, words.notATrigger)
  return node.entries.has('include') ? readChild(node, report) : readProject(node, report)
}

function readProject(node: YamlMapping, report: Report): TriggerConfig {
  if (isBlank(node)) configError(report, node.span, texts.blank)
  checkKeys(node, PROJECT_KEYS, report)
  const project = child(node, 'project')
  if (project === undefined || isBlank(project))
    entryError(report, (project ?? node).span, 'project', texts.blank)
  const path = project === undefined || isBlank(project) ? '' : readText(project, 'project', report)
  const branch = readText(child(node, 'branch'), 'branch', report) ?? null
  return {
    plan: { kind: 'project', project: path ?? '', branch, ...readHow(node, report), ...inputsOf(node) },
    generators: [],
    span: node.span,
  }
}

function readChild(node: YamlMapping, report: Report): TriggerConfig {
  checkKeys(node, CHILD_KEYS, report)
  const generators: Spanned<string>[] = []
  const include = child(node, 'include')
  const includes = include === undefined ? [] : readIncludes(include, under(report, 'include'), generators)
  return { plan: { kind: 'child', includes, ...readHow(node, report) }, generators, span: node.span }
}

/** What both forms say: whether to wait, what to hand over. */
function readHow(node: YamlMapping, report: Report): Pick<TriggerPlan, 'strategy' | 'forward'> {
  const written = child(node, 'strategy')
  const strategy = isString(written) ? STRATEGIES.find((word) => word === written.value) : undefined
  if (written !== undefined && strategy === undefined)
    entryError(report, written.span, 'strategy', isString(written) ? words.notAStrategy : texts.notAString)
  const inputs = child(node, 'inputs')
  if (inputs !== undefined && !isMapping(inputs)) entryError(report, inputs.span, 'inputs', texts.notAHash)
  return { strategy: strategy ?? null, forward: readForward(node, under(report, 'forward')) }
}

function inputsOf(node: YamlMapping): { readonly inputs?: Readonly<Record<string, unknown>> } {
  const inputs = child(node, 'inputs')
  return isMapping(inputs) ? { inputs: plainHash(inputs) } : {}
}

function readForward(trigger: YamlMapping, report: Report): TriggerPlan['forward'] {
  const node = child(trigger, 'forward')
  if (node === undefined) return FORWARD
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash) ?? FORWARD
  checkKeys(node, ['yaml_variables', 'pipeline_variables'], report)
  return {
    yamlVariables: readSwitch(node, 'yaml_variables', report) ?? FORWARD.yamlVariables,
    pipelineVariables: readSwitch(node, 'pipeline_variables', report) ?? FORWARD.pipelineVariables,
  }
}

function readSwitch(mapping: YamlMapping, key: string, report: Report): boolean | undefined {
  const node = child(mapping, key)
  if (node === undefined) return undefined
  return isBoolean(node) ? node.value : entryError(report, node.span, key, texts.notABoolean)
}

function readIncludes(
  node: YamlNode,
  report: Report,
  generators: Spanned<string>[],
): readonly TriggerIncludePlan[] {
  const items = isSequence(node) ? node.items : [node]
  if (items.length > MOST_INCLUDES) configError(report, node.span, words.tooManyIncludes)
  const at = isSequence(node) ? under(report, 'include') : report
  const includes: TriggerIncludePlan[] = []
  for (const item of items) {
    const include = readInclude(item, at, generators)
    if (include !== undefined) includes.push(include)
  }
  return includes
}

function readInclude(
  node: YamlNode,
  report: Report,
  generators: Spanned<string>[],
): TriggerIncludePlan | undefined {
  if (isString(node)) return { local: node.value }
  if (!isMapping(node)) return configError(report, node.span, texts.notAHashOrString)
  checkKeys(node, INCLUDE_KEYS, report)
  if (child(node, 'artifact') !== undefined && isBlank(child(node, 'job')))
    configError(report, node.span, words.artifactWithoutJob)
  if (child(node, 'project') !== undefined && isBlank(child(node, 'file')))
    configError(report, node.span, words.projectWithoutFile)
  const job = child(node, 'job')
  if (child(node, 'artifact') !== undefined && isString(job))
    generators.push({ value: job.value, span: job.span })
  return plainHash(node)
}
