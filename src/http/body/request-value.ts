import type { FilePart } from '../../shared/rack-params.ts'

/**
 * A parameter's value, whichever way it was written: form and query know texts, lists and maps; JSON adds the rest. Maps keep
 * the order of the request, and numbers their digits (JavaScript's would change 12345678901234567890).
 */
export type RequestValue =
  | string
  | boolean
  | null
  | JsonNumber
  | FilePart
  | readonly RequestValue[]
  | ParamMap

export type ParamMap = ReadonlyMap<string, RequestValue>

/** How many parameters a request may have, and how deep in brackets. */
export interface ParamLimits {
  readonly parameters: number
  readonly parameterDepth: number
}

/** A number as it stood in a JSON text. */
export interface JsonNumber {
  readonly digits: string
}

export function isNumber(value: RequestValue | undefined): value is JsonNumber {
  return typeof value === 'object' && value !== null && 'digits' in value
}

export function isParamMap(value: RequestValue | undefined): value is ParamMap {
  return value instanceof Map
}

export function isList(value: RequestValue | undefined): value is readonly RequestValue[] {
  return Array.isArray(value)
}

/** As JSON text, compact, in the order of the request. A file part becomes what is known of it. */
export function toJson(value: RequestValue): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (isNumber(value)) return value.digits
  if (isList(value)) return `[${value.map(toJson).join(',')}]`
  if (isParamMap(value))
    return `{${[...value].map(([key, member]) => `${JSON.stringify(key)}:${toJson(member)}`).join(',')}}`
  return JSON.stringify({ filename: value.filename })
}

/** As plain JavaScript data, for whoever wants types and not digits. */
export function toPlain(value: RequestValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (isNumber(value)) return Number(value.digits)
  if (isList(value)) return value.map(toPlain)
  if (isParamMap(value)) return Object.fromEntries([...value].map(([key, member]) => [key, toPlain(member)]))
  return value.filename
}
