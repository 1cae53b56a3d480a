import type { YamlEntry, YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { PrefillConfig, VariableConfig } from '../config.ts'
import { addProblem, configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { reportUnknown } from './keys.ts'
import { child, entriesBeyond, isBoolean, isMapping, isString, strings } from './nodes.ts'

/**
 * Top level: also what the "run pipeline" form shows. Jobs: value and expand. `rules:variables`: plain values
 * only.
 */
export const GLOBAL_DATA = ['value', 'description', 'expand', 'options']
export const JOB_DATA = ['value', 'expand']
export const PLAIN_ONLY: readonly string[] = []

/** `variables`: a hash of names and values; `data` names the keys of the hash form that are allowed here. */
export function readVariables(
  node: YamlNode,
  report: Report,
  data: readonly string[],
): readonly VariableConfig[] | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  const variables: VariableConfig[] = []
  for (const entry of node.entries.values()) {
    const variable = readVariable(entry, under(report, entry.key.text), data)
    if (variable !== undefined) variables.push(variable)
  }
  return variables
}

function readVariable(entry: YamlEntry, report: Report, data: readonly string[]): VariableConfig | undefined {
  const { value } = entry
  if (value.kind === 'scalar') {
    return {
      key: entry.key.text,
      value: value.value === null ? '' : value.text,
      raw: false,
      span: value.span,
    }
  }
  if (!isMapping(value)) return addProblem(report.reading, value.span, texts.notAVariable)
  if (data.length === 0) return configError(report, value.span, texts.mustBeAString)
  return readDetailed(entry.key.text, value, report, data)
}

function readDetailed(
  key: string,
  node: YamlMapping,
  report: Report,
  data: readonly string[],
): VariableConfig | undefined {
  reportUnknown(
    entriesBeyond(node, (word) => data.includes(word)),
    data,
    report,
    texts.invalidDataKeys,
  )
  const value = child(node, 'value')
  if (value !== undefined && value.kind !== 'scalar')
    entryError(report, value.span, 'config value', texts.mustBeScalar)
  const expand = child(node, 'expand')
  if (expand !== undefined && !isBoolean(expand))
    entryError(report, expand.span, 'config expand', texts.notABoolean)
  const prefill = data.includes('description') ? readPrefill(node, value, report) : null
  return {
    key,
    value: value?.kind === 'scalar' ? value.text : '',
    raw: isBoolean(expand) && !expand.value,
    span: value?.span ?? node.span,
    ...(prefill === null ? {} : { prefill }),
  }
}

/** Null: there is nothing to show. */
function readPrefill(node: YamlMapping, value: YamlNode | undefined, report: Report): PrefillConfig | null {
  const description = child(node, 'description')
  if (description !== undefined && description.kind !== 'scalar')
    entryError(report, description.span, 'config description', texts.mustBeScalar)
  const text = description?.kind === 'scalar' && description.value !== null ? description.text : null
  const options = readOptions(node, value, report)
  return text === null && options === null ? null : { description: text, options }
}

function readOptions(
  node: YamlMapping,
  value: YamlNode | undefined,
  report: Report,
): readonly string[] | null {
  const options = child(node, 'options')
  if (options === undefined) return null
  const words = strings(options)
  if (words === undefined) {
    entryError(report, options.span, 'config options', texts.notStrings)
    return null
  }
  if (words.length === 0) return null
  if (!(isString(value) && words.includes(value.value))) configError(report, options.span, texts.notInOptions)
  return words
}
