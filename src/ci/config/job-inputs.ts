import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { JobInputPlan } from '../../model/keyword-plans.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBoolean, isMapping, isNumber, isSequence, isString } from './nodes.ts'
import { readText } from './scalars.ts'

const KEYS = ['default', 'description', 'options', 'regex', 'type']
const TYPES = ['array', 'boolean', 'number', 'string'] as const
const MOST_INPUTS = 50

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
    default: value.kind === 'scalar' ? value.text : '',
    description: readText(child(node, 'description'), 'description', report) ?? null,
  }
}

function readType(input: YamlMapping, report: Report): (typeof TYPES)[number] | undefined {
  const node = child(input, 'type')
  if (node === undefined) return 'string'
  const word = isString(node) ? TYPES.find((type) => type === node.value) : undefined
  const unknown = node.kind === 'scalar' ? node.text : ''
  return (
    word ?? entryError(report, node.span, 'type', texts.unknownValue(unknown), `one of: ${TYPES.join(', ')}`)
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
