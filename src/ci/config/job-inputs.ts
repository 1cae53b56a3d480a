import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { JobInputPlan } from '../../model/keyword-plans.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBoolean, isMapping, isNumber, isSequence, isString } from './nodes.ts'

const KEYS = ['default', 'description', 'options', 'regex', 'type']
const TYPES = ['array', 'boolean', 'number', 'string'] as const
const MOST_INPUTS = 50
const MOST_OPTIONS = 50

/** `inputs` of a job: typed parameters, each with a default. */
export function readJobInputs(node: YamlNode, report: Report): readonly JobInputPlan[] | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  if (node.entries.size > MOST_INPUTS) configError(report, node.span, words.tooManyInputs)
  const inputs: JobInputPlan[] = []
  for (const { key, value } of node.entries.values()) {
    const input = readInput(key.text, value, under(report, key.text))
    if (input !== undefined) inputs.push(input)
  }
  return inputs
}

function readInput(name: string, node: YamlNode, report: Report): JobInputPlan | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  checkKeys(node, KEYS, report)
  const type = readType(node, report)
  checkConstraints(node, report)
  const value = child(node, 'default')
  // GitLab adds this to the hash itself: no attribute stands before it.
  if (value === undefined) return entryError(report, node.span, '', words.noDefault)
  if (type !== undefined && !fits(value, type))
    return entryError(report, value.span, 'default', {
      code: 'inputs.default',
      text: `default value is not ${type === 'array' ? 'an array' : `a ${type}`}`,
    })
  return {
    name,
    type: type ?? 'string',
    default: value.kind === 'scalar' ? value.text : JSON.stringify(plainItems(value)),
    description: readDescription(child(node, 'description'), report),
    ...constraints(node),
  }
}

/** GitLab: `Entry::BaseInput`, whose attributes have the prefix `input`. */
function checkConstraints(node: YamlMapping, report: Report): void {
  const options = child(node, 'options')
  const regex = child(node, 'regex')
  if (regex !== undefined && !isString(regex)) entryError(report, regex.span, 'input_regex', texts.notAString)
  if (options === undefined) return
  if (!isSequence(options)) entryError(report, options.span, 'input_options', texts.notAnArray)
  else if (options.items.length > MOST_OPTIONS) configError(report, options.span, words.tooManyOptions)
}

function readDescription(node: YamlNode | undefined, report: Report): string | null {
  if (node === undefined) return null
  if (isString(node) || isNumber(node)) return node.text
  return entryError(report, node.span, 'input_description', texts.mustBeScalar) ?? null
}

/** What GitLab checks when a person gives another value. */
function constraints(node: YamlMapping): Pick<JobInputPlan, 'options' | 'regex'> {
  const options = child(node, 'options')
  const regex = child(node, 'regex')
  return {
    ...(isSequence(options)
      ? { options: options.items.flatMap((item) => (item.kind === 'scalar' ? item.text : [])) }
      : {}),
    ...(isString(regex) ? { regex: regex.value } : {}),
  }
}

function plainItems(node: YamlNode): readonly unknown[] {
  if (!isSequence(node)) return []
  return node.items.map((item) => (item.kind === 'scalar' ? item.value : plainItems(item)))
}

function readType(input: YamlMapping, report: Report): (typeof TYPES)[number] | undefined {
  const node = child(input, 'type')
  if (node === undefined) return 'string'
  const word = isString(node) ? TYPES.find((type) => type === node.value) : undefined
  const unknown = node.kind === 'scalar' ? node.text : ''
  return (
    word ??
    entryError(report, node.span, 'input_type', texts.unknownValue(unknown), `one of: ${TYPES.join(', ')}`)
  )
}

function fits(node: YamlNode, type: (typeof TYPES)[number]): boolean {
  switch (type) {
    case 'array':
      return isSequence(node)
    case 'boolean':
      return isBoolean(node)
    case 'number':
      return isNumber(node)
    case 'string':
      return isString(node)
  }
}
