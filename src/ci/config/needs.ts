import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { NeedConfig, Spanned } from '../config.ts'
import { configError, entryError, type Report, shapeError, under } from '../report.ts'
import * as texts from '../texts.ts'
import { reportUnknown } from './keys.ts'
import { child, entriesBeyond, isBlank, isMapping, isSequence, isString, leaves } from './nodes.ts'
import { readFlag } from './scalars.ts'
import { reportUnsupported, UNSUPPORTED_NEED } from './unsupported.ts'

const KEYS = ['job', 'artifacts', 'optional']

/** `needs`: job names and hashes, one or a list of them; lists in lists are flattened. */
export function readNeeds(node: YamlNode, report: Report): readonly NeedConfig[] | undefined {
  if (!isMapping(node) && !isSequence(node)) {
    const help = isString(node) ? `write it as a list: [${node.value}]` : undefined
    return configError(report, node.span, texts.notNeeds, help)
  }
  const items = isMapping(node) ? [node] : leaves(node)
  if (items === undefined) return configError(report, node.span, texts.notNeeds)
  const inside = under(report, 'need')
  const needs: NeedConfig[] = []
  for (const item of items) {
    const need = readNeed(item, inside)
    if (need !== undefined) needs.push(need)
  }
  return needs
}

function readNeed(node: YamlNode, report: Report): NeedConfig | undefined {
  if (isString(node)) {
    if (isBlank(node)) return configError(report, node.span, texts.blank)
    return { job: node.value, artifacts: true, optional: false, span: node.span }
  }
  if (!isMapping(node)) return shapeError(report, node.span, texts.notANeed)
  return readNeedHash(node, report)
}

function readNeedHash(node: YamlMapping, report: Report): NeedConfig | undefined {
  const beyond = entriesBeyond(node, (key) => KEYS.includes(key))
  const before = report.reading.problems.length
  reportUnsupported(beyond, UNSUPPORTED_NEED, report)
  if (report.reading.problems.length > before) return undefined
  if (!node.entries.has('job')) return shapeError(report, node.span, texts.notANeed)
  reportUnknown(
    beyond.filter((entry) => !UNSUPPORTED_NEED.includes(entry.key.text)),
    KEYS,
    report,
  )
  const artifacts = readFlag(child(node, 'artifacts'), 'artifacts', report) ?? true
  const optional = readFlag(child(node, 'optional'), 'optional', report) ?? false
  const job = child(node, 'job')
  if (job === undefined || isBlank(job)) return entryError(report, job?.span ?? node.span, 'job', texts.blank)
  if (!isString(job)) return entryError(report, job.span, 'job', texts.notAString)
  return { job: job.value, artifacts, optional, span: job.span }
}

/** `dependencies`: job names. */
export function readDependencies(node: YamlNode, job: Report): readonly Spanned<string>[] | undefined {
  const items = isSequence(node) ? node.items : undefined
  if (items === undefined || !items.every(isString))
    return entryError(job, node.span, 'dependencies', texts.notStrings)
  return items.map((item) => ({ value: item.value, span: item.span }))
}
