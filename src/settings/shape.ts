import { closest } from '../shared/closest.ts'
import type { YamlEntry, YamlMapping, YamlNode } from '../yaml/node.ts'
import { complain, type Report } from './report.ts'

/** A node and the way to it, as messages name it: `projects[0].path`. */
export interface Place {
  readonly node: YamlNode
  readonly path: string
}

/** The values of one mapping by key. */
export type Fields<Key extends string> = Readonly<Partial<Record<Key, Place>>>

/** Reads a mapping with known keys; unknown ones are errors that suggest the nearest. Undefined when it is no mapping. */
export function readFields<Key extends string>(
  report: Report,
  place: Place,
  allowed: readonly Key[],
): Fields<Key> | undefined {
  const mapping = readMapping(report, place)
  if (!mapping) return undefined
  const fields: Partial<Record<Key, Place>> = {}
  for (const [text, entry] of mapping.entries) {
    const key = allowed.find((candidate) => candidate === text)
    if (key === undefined) unknownKey(report, entry, place.path, allowed)
    else fields[key] = { node: entry.value, path: place.path === '' ? key : `${place.path}.${key}` }
  }
  return fields
}

function unknownKey(report: Report, { key }: YamlEntry, path: string, allowed: readonly string[]): void {
  const near = closest(key.text, allowed)
  const help = `${near === undefined ? '' : `did you mean "${near}"? `}allowed keys: ${allowed.join(', ')}`
  complain(report, key.span, {
    code: 'unknown_key',
    message: `unknown key "${key.text}" ${path === '' ? 'at the top level' : `in ${path}`}`,
    help,
  })
}

export function readMapping(report: Report, place: Place): YamlMapping | undefined {
  return place.node.kind === 'mapping' ? place.node : wrongType(report, place, 'a mapping of keys to values')
}

/** The items of a list; none when the value is not there, and an error when it is something else. */
export function readItems(report: Report, place: Place | undefined): readonly Place[] {
  if (!place || isNull(place.node)) return []
  if (place.node.kind === 'sequence')
    return place.node.items.map((node, index) => ({ node, path: `${place.path}[${index}]` }))
  return wrongType(report, place, 'a list') ?? []
}

/** Text that is not empty. */
export function readText(report: Report, place: Place): string | undefined {
  const { node } = place
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '') return node.value
  const isUnquoted = node.kind === 'scalar' && node.value !== null && node.value !== ''
  return wrongType(report, place, 'text', isUnquoted ? 'put the value in quotes' : undefined)
}

export function readWholeNumber(report: Report, place: Place, least: number): number | undefined {
  const value = place.node.kind === 'scalar' ? place.node.value : undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
  return wrongType(report, place, `a whole number from ${least} up`)
}

export function readFlag(report: Report, place: Place): boolean | undefined {
  const value = place.node.kind === 'scalar' ? place.node.value : undefined
  return typeof value === 'boolean' ? value : wrongType(report, place, 'true or false')
}

export function readChoice<Choice extends string>(
  report: Report,
  place: Place,
  choices: readonly Choice[],
): Choice | undefined {
  const { node } = place
  const text = node.kind === 'scalar' ? node.text : undefined
  const choice = choices.find((candidate) => candidate === text)
  if (choice !== undefined || text === undefined)
    return choice ?? wrongType(report, place, `one of ${choices.join(', ')}`)
  const near = closest(text, choices)
  return complain(report, node.span, {
    code: 'invalid_value',
    message: `${place.path} is "${text}"; it must be one of ${choices.join(', ')}`,
    ...(near === undefined ? {} : { help: `did you mean "${near}"?` }),
  })
}

/** `undefined` for a key that is absent; `missing` is reported at the mapping that should have it. */
export function required(
  report: Report,
  owner: Place,
  fields: Fields<string>,
  key: string,
): Place | undefined {
  const place = fields[key]
  if (place && !isNull(place.node)) return place
  const start = owner.node.span.start
  const span = place ? place.node.span : { ...owner.node.span, end: start + 1 }
  return complain(report, span, {
    code: 'missing_key',
    message: `${owner.path} has no "${key}"`,
    help: `"${key}" is required`,
  })
}

/** Reads a value that may be absent or null, and then is `fallback`. */
export function optional<T, F>(
  report: Report,
  place: Place | undefined,
  fallback: F,
  read: (report: Report, place: Place) => T | undefined,
): T | F {
  return place && !isNull(place.node) ? (read(report, place) ?? fallback) : fallback
}

function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

export function wrongType(report: Report, { node, path }: Place, wanted: string, help?: string): undefined {
  const message = `${path} must be ${wanted}, not ${describe(node)}`
  return complain(report, node.span, { code: 'wrong_type', message, ...(help === undefined ? {} : { help }) })
}

function describe(node: YamlNode): string {
  if (node.kind === 'sequence') return 'a list'
  if (node.kind === 'mapping') return 'a mapping'
  if (node.kind === 'reference') return 'a !reference'
  if (node.value === null || node.value === '') return 'empty'
  return typeof node.value === 'string'
    ? `"${node.text}"`
    : `${node.text} (${typeof node.value === 'boolean' ? 'true or false' : 'a number'})`
}
