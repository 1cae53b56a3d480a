import { isList, isNumber, isParamMap, type ParamMap, type RequestValue } from '../body/request-value.ts'
import { parseDateTime } from './date-time.ts'

/**
 * Reads parameters as Grape declares them: coerced to a type, checked, and every complaint collected in the order in which the
 * parameters are read. A read that complains gives undefined.
 */
export interface ParamReader {
  /** `ref is missing, ref is empty` */
  requiredText(name: string): string | undefined
  /** Must be there, may be blank or null (then it is ''). */
  presentText(name: string): string | undefined
  text(name: string): string | undefined
  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined
  /** One word or a list of them (`scope[]=`). */
  someOf<T extends string>(name: string, words: readonly T[]): readonly T[] | undefined
  integer(name: string): number | undefined
  /** `byte_limit does not have a valid value` */
  integerIn(name: string, least: number, most: number): number | undefined
  decimal(name: string): number | undefined
  /** A list of maps, written `a[][b]=`, `a[0][b]=` or as JSON; the complaints of a member are named `a[0][b]`. */
  items<T>(name: string, read: (item: ParamReader) => T): readonly T[] | undefined
  has(name: string): boolean
  /** The value as it was sent, for what takes several types. */
  value(name: string): RequestValue | undefined
  /** `pipeline_id is missing`, `pipeline_id is invalid` */
  requiredInteger(name: string): number
  flag(name: string): boolean | undefined
  /** Milliseconds since the epoch of an ISO 8601 date and time. */
  time(name: string): number | undefined
  map(name: string): ParamMap | undefined
  /** `sha, content_ref are mutually exclusive` */
  exclusive(names: readonly string[]): void
  /** Adds a complaint of the caller's own. */
  complain(message: string): void
  readonly messages: readonly string[]
}

export function paramReader(params: ParamMap): ParamReader {
  return readerOf(params, [], '')
}

/** `within` is the place of a member in its list: `variables[0]`. */
function readerOf(params: ParamMap, messages: string[], within: string): ParamReader {
  const label = (name: string): string => (within === '' ? name : `${within}[${name}]`)
  const complain = (text: string): undefined => {
    messages.push(text)
  }

  /** Undefined for what is absent; JSON's null is absent too, wherever presence is not asked for. */
  function coerced<T>(name: string, coerce: (value: RequestValue) => T | undefined): T | undefined {
    const value = params.get(name)
    if (value === undefined || value === null) return undefined
    return coerce(value) ?? complain(`${label(name)} is invalid`)
  }

  /** Grape: for what is no text, a blank one is as good as none. */
  function filled<T>(name: string, coerce: (value: RequestValue) => T | undefined): T | undefined {
    return params.get(name) === '' ? undefined : coerced(name, coerce)
  }

  function word<T extends string>(name: string, text: string, words: readonly T[]): T | undefined {
    return words.find((allowed) => allowed === text) ?? complain(`${label(name)} does not have a valid value`)
  }

  const reader: ParamReader = {
    messages,
    complain,
    requiredText(name) {
      if (!params.has(name)) complain(`${label(name)} is missing`)
      const text = coerced(name, asText)
      if (isBlank(params.get(name))) complain(`${label(name)} is empty`)
      return text
    },
    presentText(name) {
      return params.has(name) ? (coerced(name, asText) ?? '') : complain(`${label(name)} is missing`)
    },
    text: (name) => coerced(name, asText),
    oneOf(name, words) {
      const text = coerced(name, asText)
      return text === undefined ? undefined : word(name, text, words)
    },
    someOf(name, words) {
      const texts = coerced(name, asTexts)
      const chosen = texts?.map((text) => words.find((allowed) => allowed === text))
      if (chosen?.includes(undefined)) return complain(`${label(name)} does not have a valid value`)
      return chosen?.flatMap((it) => it ?? [])
    },
    integer: (name) => filled(name, asInteger),
    integerIn(name, least, most) {
      const number = filled(name, asInteger)
      if (number === undefined || (number >= least && number <= most)) return number
      return complain(`${label(name)} does not have a valid value`)
    },
    decimal: (name) => filled(name, asDecimal),
    items(name, read) {
      const items = coerced(name, asItems)
      return items?.map((item, index) => read(readerOf(item, messages, `${label(name)}[${index}]`)))
    },
    has: (name) => params.has(name),
    value: (name) => params.get(name),
    requiredInteger(name) {
      if (!params.has(name)) complain(`${label(name)} is missing`)
      return filled(name, asInteger) ?? 0
    },
    flag: (name) => filled(name, asFlag),
    time: (name) => filled(name, asTime),
    map: (name) => coerced(name, (value) => (isParamMap(value) ? value : undefined)),
    exclusive(names) {
      if (names.filter((name) => params.has(name)).length > 1)
        complain(`${names.join(', ')} are mutually exclusive`)
    },
  }
  return reader
}

/** Grape: numbers and booleans become texts, lists and maps do not. */
function asText(value: RequestValue): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  return isNumber(value) ? value.digits : undefined
}

function asTexts(value: RequestValue): readonly string[] | undefined {
  const texts = (isList(value) ? value : [value]).map(asText)
  return texts.includes(undefined) ? undefined : texts.flatMap((text) => text ?? [])
}

function asInteger(value: RequestValue): number | undefined {
  const text = asText(value)
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : undefined
}

function asDecimal(value: RequestValue): number | undefined {
  const text = asText(value)
  return text === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? undefined : Number(text)
}

/** Rack reads `a[0][b]=` as a map with numbers for keys; GitLab's documents write lists so. */
function asItems(value: RequestValue): readonly ParamMap[] | undefined {
  const list =
    isParamMap(value) && [...value.keys()].every((key) => /^\d+$/.test(key)) ? [...value.values()] : value
  if (!isList(list)) return undefined
  const maps = list.filter(isParamMap)
  return maps.length === list.length ? maps : undefined
}

/** The spellings of dry-types, which Grape uses. */
const TRUE = new Set(['1', 'on', 't', 'true', 'y', 'yes'])
const FALSE = new Set(['0', 'off', 'f', 'false', 'n', 'no'])

function asFlag(value: RequestValue): boolean | undefined {
  const text = asText(value)?.toLowerCase() ?? ''
  if (TRUE.has(text)) return true
  return FALSE.has(text) ? false : undefined
}

function asTime(value: RequestValue): number | undefined {
  return parseDateTime(asText(value) ?? '')
}

/** Rails' `blank?`, but for `false`. */
function isBlank(value: RequestValue | undefined): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'string') return value.trim() === ''
  if (isList(value)) return value.length === 0
  return isParamMap(value) && value.size === 0
}
