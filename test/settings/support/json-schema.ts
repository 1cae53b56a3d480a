import type { Schema } from '../../../src/settings/schema.ts'

/** Where a value does not fit a schema; the keywords that ours uses. */
export function problemsOf(value: unknown, schema: Schema, way = ''): string[] {
  const words =
    '$schema title description type properties additionalProperties required items anyOf enum const pattern minimum'
  const known = new Set(words.split(' '))
  const stray = Object.keys(schema).filter((keyword) => !known.has(keyword))
  if (stray.length > 0) throw new Error(`unknown keyword ${stray.join(', ')}`)
  const { anyOf, properties, additionalProperties, items, required } = schema as {
    anyOf?: Schema[]
    properties?: Record<string, Schema>
    additionalProperties?: Schema | boolean
    items?: Schema
    required?: string[]
  }
  if (!fits(value, schema)) return [way]
  if (anyOf && !anyOf.some((option) => problemsOf(value, option, way).length === 0)) return [way]
  const at = (key: string): string => (way === '' ? key : `${way}.${key}`)
  if (Array.isArray(value))
    return items ? value.flatMap((each, index) => problemsOf(each, items, at(String(index)))) : []
  if (typeof value !== 'object' || value === null) return []
  const missing = (required ?? []).some((key) => !(key in value))
  const inside = Object.entries(value).flatMap(([key, each]) => {
    const own = properties?.[key]
    if (own) return problemsOf(each, own, at(key))
    if (typeof additionalProperties === 'object') return problemsOf(each, additionalProperties, at(key))
    return additionalProperties === false ? [way] : []
  })
  return [...(missing ? [way] : []), ...inside]
}

function fits(value: unknown, schema: Schema): boolean {
  const {
    type,
    enum: options,
    const: only,
    pattern,
    minimum,
  } = schema as {
    type?: string | string[]
    enum?: unknown[]
    const?: unknown
    pattern?: string
    minimum?: number
  }
  if (type !== undefined && ![type].flat().some((name) => isOf(value, name))) return false
  if (options && !options.includes(value)) return false
  if (only !== undefined && only !== value) return false
  if (pattern !== undefined && typeof value === 'string' && !new RegExp(pattern).test(value)) return false
  return minimum === undefined || typeof value !== 'number' || value >= minimum
}

function isOf(value: unknown, name: string): boolean {
  if (name === 'null') return value === null
  if (name === 'array') return Array.isArray(value)
  if (name === 'integer') return Number.isInteger(value)
  if (name === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === name
}
