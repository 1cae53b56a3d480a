import { basename } from 'node:path'
import type { ProjectVariable, VariableOrigin } from '../model/variable.ts'
import type { YamlEntry } from '../yaml/node.ts'
import { readValueReference, type ReferenceContext } from './reference.ts'
import { complain, locationOf, type Report } from './report.ts'
import {
  optional,
  readChoice,
  readFields,
  readFlag,
  readMapping,
  readText,
  required,
  wrongType,
  type Place,
} from './shape.ts'

/**
 * Reads a mapping of variables: `KEY: value` or `KEY: {value, masked, protected, type, environment_scope, raw, description}`. Wrong entries are
 * reported and left out.
 */
export function readVariables(report: Report, place: Place, origin: VariableOrigin): ProjectVariable[] {
  const mapping = readMapping(report, place)
  return Array.from(mapping?.entries.values() ?? []).flatMap(
    (entry) => readVariable(report, place.path, entry, origin) ?? [],
  )
}

/**
 * The same for what only the configuration can change: each says where it stands. Values may stand elsewhere: `${NAME}` of the
 * environment, `file:PATH`.
 */
export function readDeclaredVariables(
  report: Report,
  place: Place,
  origin: VariableOrigin,
  references: ReferenceContext,
): ProjectVariable[] {
  const mapping = readMapping(report, place)
  return Array.from(mapping?.entries.values() ?? []).flatMap((entry) => {
    const variable = readVariable(report, place.path, entry, origin, references)
    const { file, line, column } = locationOf(report, entry.key.span)
    return variable ? [{ ...variable, declaredAt: `${basename(file)}:${line}:${column}` }] : []
  })
}

function readVariable(
  report: Report,
  path: string,
  { key, value: node }: YamlEntry,
  origin: VariableOrigin,
  references?: ReferenceContext,
): ProjectVariable | undefined {
  const place: Place = { node, path: path === '' ? key.text : `${path}.${key.text}` }
  if (!isVariableName(key.text)) {
    return complain(report, key.span, {
      code: 'invalid_variable_name',
      message: `"${key.text}" cannot be the name of a variable`,
      help: 'letters, digits and "_", at most 255 of them',
    })
  }
  if (node.kind !== 'scalar' && node.kind !== 'mapping')
    return wrongType(report, place, 'text or a mapping with "value"')
  if (node.kind === 'mapping') return readDetailed(report, place, key.text, origin, references)
  const value = references ? readValueReference(report, place, node.text, references, PLAIN_VALUE) : node.text
  return value === undefined ? undefined : { ...PLAIN, key: key.text, value, origin }
}

const PLAIN_VALUE = { isSecret: false, isFile: false }
const PLAIN = { file: false, raw: false, masked: false, protected: false, environmentScope: '*' }

/** GitLab: `[a-zA-Z0-9_]+`, 255 characters. */
function isVariableName(name: string): boolean {
  return /^\w{1,255}$/.test(name)
}

const KEYS = ['value', 'masked', 'protected', 'type', 'environment_scope', 'raw', 'description'] as const

function readDetailed(
  report: Report,
  place: Place,
  key: string,
  origin: VariableOrigin,
  references?: ReferenceContext,
): ProjectVariable | undefined {
  const fields = readFields(report, place, KEYS)
  const valuePlace = fields && required(report, place, fields, 'value')
  if (!valuePlace) return undefined
  if (valuePlace.node.kind !== 'scalar') return wrongType(report, valuePlace, 'text')
  const masked = optional(report, fields.masked, false, readFlag)
  const isFile = optional(report, fields.type, 'env_var', readType) === 'file'
  const raw = optional(report, fields.raw, false, readFlag)
  const { text } = valuePlace.node
  const isLiteral = raw || !references
  const value = isLiteral
    ? text
    : readValueReference(report, valuePlace, text, references, { isSecret: masked, isFile })
  if (value === undefined) return undefined
  if (masked) checkMaskable(report, valuePlace, key, value)
  return {
    key,
    value,
    origin,
    masked,
    file: isFile,
    raw,
    protected: optional(report, fields.protected, false, readFlag),
    environmentScope: optional(report, fields.environment_scope, '*', readText),
    ...(fields.description ? { description: optional(report, fields.description, null, readText) } : {}),
  }
}

function readType(report: Report, place: Place): 'env_var' | 'file' | undefined {
  return readChoice(report, place, ['env_var', 'file'])
}

/** GitLab masks values of at least eight characters in one line. */
function checkMaskable(report: Report, { node }: Place, key: string, value: string): void {
  const length = Array.from(value).length
  const problem = /[\r\n]/.test(value)
    ? 'has a line break'
    : length < 8
      ? `has ${length} ${length === 1 ? 'character' : 'characters'}`
      : undefined
  if (problem === undefined) return
  complain(report, node.span, {
    code: 'cannot_mask',
    message: `value of ${key} ${problem}; masking needs 8 characters or more and no line break`,
    help: 'use a longer value in one line or turn masking off',
  })
}
