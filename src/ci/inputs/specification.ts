import type { Span } from '../../shared/diagnostic.ts'
import type { YamlEntry, YamlMapping, YamlNode } from '../../yaml/node.ts'
import { checkKeys } from '../config/keys.ts'
import { child, isMapping, isNull, isSequence, isString } from '../config/nodes.ts'
import { addProblem, configError, entryError, type Report, under } from '../report.ts'
import { notAHash, notAnArray, notAString, notTogether } from '../texts.ts'
import { type InputRule, readInputRules } from './rules.ts'
import {
  INPUT_TYPES,
  type InputType,
  notAlphanumeric,
  nullOption,
  tooManyOptions,
  unknownSpecification,
} from './texts.ts'

/** `spec:inputs:NAME`. */
export interface InputSpec {
  readonly name: string
  /** The name, where it is declared. */
  readonly span: Span
  readonly type: InputType
  /** Null: the key is not written. A default that is null is a scalar. */
  readonly default: YamlNode | null
  readonly options: readonly YamlNode[] | null
  /** RE2 source without slashes. */
  readonly regex: YamlNode | null
  readonly rules: readonly InputRule[] | null
}

const KEYS = ['default', 'description', 'options', 'regex', 'type', 'rules']
const MOST_OPTIONS = 50

/** `spec:inputs`: one specification for each name. What is wrong is reported. */
export function readInputSpecs(node: YamlNode | undefined, report: Report): ReadonlyMap<string, InputSpec> {
  const specs = new Map<string, InputSpec>()
  if (isNull(node) || node === undefined) return specs
  if (!isMapping(node)) {
    configError(report, node.span, notAHash)
    return specs
  }
  for (const entry of node.entries.values()) {
    const spec = readInput(entry, under(report, entry.key.text))
    if (spec !== undefined) specs.set(spec.name, spec)
  }
  return specs
}

function readInput({ key, value }: YamlEntry, report: Report): InputSpec | undefined {
  const bare = { name: key.text, span: key.span, default: null, options: null, regex: null, rules: null }
  if (isNull(value)) return { ...bare, type: 'string' }
  if (!isMapping(value)) return addProblem(report.reading, value.span, unknownSpecification(key.text))
  checkKeys(value, KEYS, report)
  checkConflicts(value, report)
  const type = readType(value, key.text, report)
  const rules = value.entries.get('rules')?.value
  return {
    ...bare,
    type: type ?? 'string',
    default: value.entries.get('default')?.value ?? null,
    options: readOptions(value, report),
    regex: readRegex(value, report),
    rules:
      rules === undefined || isNull(rules) ? null : readInputRules(rules, key.text, under(report, 'rules')),
  }
}

function checkConflicts(node: YamlMapping, report: Report): void {
  for (const other of ['options', 'default']) {
    const entry = node.entries.get(other)
    if (entry && node.entries.has('rules')) configError(report, entry.key.span, notTogether(['rules', other]))
  }
  const description = child(node, 'description')
  if (description !== undefined && description.kind !== 'scalar') {
    entryError(report, description.span, 'input_description', notAlphanumeric)
  }
}

function readType(node: YamlMapping, name: string, report: Report): InputType | undefined {
  const entry = node.entries.get('type')
  if (entry === undefined) return 'string'
  const text = entry.value.kind === 'scalar' ? entry.value.text : ''
  const type = INPUT_TYPES.find((candidate) => candidate === text)
  return type ?? addProblem(report.reading, entry.value.span, unknownSpecification(name))
}

function readOptions(node: YamlMapping, report: Report): readonly YamlNode[] | null {
  const options = child(node, 'options')
  if (options === undefined) return null
  if (!isSequence(options)) {
    entryError(report, options.span, 'input_options', notAnArray)
    return null
  }
  if (options.items.length > MOST_OPTIONS) configError(report, options.span, tooManyOptions)
  if (options.items.some(isNull)) configError(report, options.span, nullOption)
  return options.items
}

function readRegex(node: YamlMapping, report: Report): YamlNode | null {
  const regex = child(node, 'regex')
  if (regex === undefined) return null
  if (!isString(regex)) entryError(report, regex.span, 'input_regex', notAString)
  return regex
}
