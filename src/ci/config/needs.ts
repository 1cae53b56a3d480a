import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { UpstreamNeedPlan } from '../../model/keyword-plans.ts'
import type { MatrixRow, NeedConfig, NeedsConfig, Spanned } from '../config.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, shapeError, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBlank, isMapping, isNull, isSequence, isString, leaves } from './nodes.ts'
import { readParallel } from './parallel.ts'
import { readFlag } from './scalars.ts'

/** The kinds of needs, by GitLab's names for them. */
export type NeedType = 'job' | 'cross_dependency' | 'bridge'

export const JOB_NEEDS: readonly NeedType[] = ['job', 'cross_dependency']
export const BRIDGE_NEEDS: readonly NeedType[] = ['job', 'bridge']

/** GitLab: so many needs in other pipelines, and so many in other projects. */
const MOST_UPSTREAM = 5

type Need = { readonly type: 'job'; readonly need: NeedConfig } | UpstreamNeed

interface UpstreamNeed {
  readonly type: 'cross_dependency' | 'bridge'
  readonly need: Spanned<UpstreamNeedPlan>
}

/** `needs`: job names and hashes, one or a list of them; lists in lists are flattened. */
export function readNeeds(
  node: YamlNode,
  report: Report,
  allowed: readonly NeedType[] = JOB_NEEDS,
): NeedsConfig | undefined {
  const items = itemsOf(node, report)
  if (items === undefined) return undefined
  const inside = under(report, 'need')
  const needs: Need[] = []
  for (const item of items) {
    if (isNull(item)) continue // GitLab makes nothing of an empty item
    const need = readNeed(item, inside)
    if (need !== undefined) needs.push(need)
  }
  checkTypes(needs, allowed, node, report)
  const upstream = needs.flatMap((each) => (each.type === 'job' ? [] : [each.need]))
  for (const kind of ['pipeline', 'project'])
    if (upstream.filter(({ value }) => value.kind === kind).length > MOST_UPSTREAM)
      configError(report, node.span, words.tooManyUpstream)
  return { jobs: needs.flatMap((each) => (each.type === 'job' ? [each.need] : [])), upstream }
}

function itemsOf(node: YamlNode, report: Report): readonly YamlNode[] | undefined {
  if (isMapping(node)) {
    if (node.entries.size === 0) return configError(report, node.span, words.emptyNeeds)
    return [node]
  }
  const items = isSequence(node) ? leaves(node) : undefined
  const help = isString(node) ? `write it as a list: [${node.value}]` : undefined
  return items ?? configError(report, node.span, texts.notNeeds, help)
}

function checkTypes(
  needs: readonly Need[],
  allowed: readonly NeedType[],
  node: YamlNode,
  report: Report,
): void {
  const wrong = needs.filter(({ type }) => !allowed.includes(type))
  const [first] = wrong
  if (first === undefined) return
  const types = [...new Set(wrong.map(({ type }) => type))]
  const help =
    first.type === 'bridge' && allowed === JOB_NEEDS
      ? 'a job that has a script also names the `job` whose artifacts it wants'
      : undefined
  configError(report, first.need.span ?? node.span, words.invalidNeedTypes(types), help)
}

function readNeed(node: YamlNode, report: Report): Need | undefined {
  if (isString(node)) {
    if (isBlank(node)) return configError(report, node.span, texts.blank)
    return {
      type: 'job',
      need: { job: node.value, artifacts: true, optional: false, matrix: null, span: node.span },
    }
  }
  if (!isMapping(node)) return shapeError(report, node.span, texts.notANeed)
  const has = (key: string): boolean => node.entries.has(key)
  if (has('project')) return readProjectNeed(node, report)
  if (has('job') && has('pipeline')) return readPipelineNeed(node, report)
  if (has('job') && !has('ref')) return readJobNeed(node, report)
  return has('pipeline') ? readMirror(node, report) : shapeError(report, node.span, texts.notANeed)
}

function readJobNeed(node: YamlMapping, report: Report): Need | undefined {
  checkKeys(node, ['job', 'artifacts', 'optional', 'parallel'], report)
  const artifacts = readFlag(child(node, 'artifacts'), 'artifacts', report) ?? true
  const optional = readFlag(child(node, 'optional'), 'optional', report) ?? false
  const matrix = readMatrix(node, report)
  const job = readRequired(node, 'job', report)
  if (job === undefined) return undefined
  const { span } = node.entries.get('job')?.value ?? node
  return { type: 'job', need: { job, artifacts, optional, matrix, span } }
}

/** `parallel:matrix`: which instances of the job are needed. */
function readMatrix(node: YamlMapping, report: Report): readonly MatrixRow[] | null {
  const parallel = child(node, 'parallel')
  const read = parallel && readParallel(parallel, under(report, 'parallel'), 'matrix only')
  return read?.kind === 'matrix' ? read.rows : null
}

function readPipelineNeed(node: YamlMapping, report: Report): Need | undefined {
  checkKeys(node, ['pipeline', 'job', 'artifacts'], report)
  const pipeline = readRequired(node, 'pipeline', report)
  const job = readRequired(node, 'job', report)
  const artifacts = readFlag(child(node, 'artifacts'), 'artifacts', report) ?? true
  if (pipeline === undefined || job === undefined) return undefined
  return {
    type: 'cross_dependency',
    need: { value: { kind: 'pipeline', pipeline, job, artifacts }, span: node.span },
  }
}

function readProjectNeed(node: YamlMapping, report: Report): Need | undefined {
  checkKeys(node, ['project', 'ref', 'job', 'artifacts'], report)
  const project = readRequired(node, 'project', report)
  const ref = readRequired(node, 'ref', report)
  const job = readRequired(node, 'job', report)
  const artifacts = readFlag(child(node, 'artifacts'), 'artifacts', report) ?? true
  if (project === undefined || ref === undefined || job === undefined) return undefined
  return {
    type: 'cross_dependency',
    need: { value: { kind: 'project', project, ref, job, artifacts }, span: node.span },
  }
}

function readMirror(node: YamlMapping, report: Report): Need | undefined {
  checkKeys(node, ['pipeline'], report)
  const pipeline = readRequired(node, 'pipeline', report)
  return pipeline === undefined
    ? undefined
    : { type: 'bridge', need: { value: { kind: 'mirror', pipeline }, span: node.span } }
}

function readRequired(need: YamlMapping, key: string, report: Report): string | undefined {
  const node = child(need, key)
  if (node === undefined || isBlank(node)) return entryError(report, (node ?? need).span, key, texts.blank)
  return isString(node) ? node.value : entryError(report, node.span, key, texts.notAString)
}

/** `dependencies`: job names. */
export function readDependencies(node: YamlNode, job: Report): readonly Spanned<string>[] | undefined {
  const items = isSequence(node) ? node.items : undefined
  if (items === undefined || !items.every(isString))
    return entryError(job, node.span, 'dependencies', texts.notStrings)
  return items.map((item) => ({ value: item.value, span: item.span }))
}
