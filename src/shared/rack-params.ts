// Parameters as Rack 2.2 reads them, which is what stands before GitLab's API: `variables[A]=1`, `scope[]=x`, `inputs[][name]=a`.
import { err, ok, type Result } from './result.ts'

/** In the order in which they were first named. */
export type Params = Map<string, ParamValue>

/** Null: the name was given without `=`. */
export type ParamValue = string | null | Params | ParamValue[] | FilePart

/** A file of a multipart form. What it holds is not kept: no parameter of ours is a file. */
export interface FilePart {
  readonly kind: 'file'
  readonly filename: string
}

/** Rack::QueryParser: `param_depth_limit`, `key_space_limit`, `BYTESIZE_LIMIT`, `PARAMS_LIMIT`. */
const MAX_PARAM_DEPTH = 100
const MAX_KEY_SPACE = 65_536
const MAX_QUERY_BYTES = 4_194_304
export const MAX_QUERY_PARAMS = 4_096

/** A limit that Rack reports by the name of its error class alone. */
const TOO_DEEP = 'Rack::QueryParser::QueryLimitError'
const TOO_MANY_KEYS = 'exceeded available parameter key space'

class ParamError extends Error {}

/**
 * Reads a query string (separators `&` and `;`) or an urlencoded body (`&` only). A name that is given again replaces the value and
 * keeps its place. The error is Rack's message; GitLab answers 400.
 */
export function parseRackQuery(
  text: string,
  separators: '&;' | '&' = '&;',
  most: { readonly count: number; readonly depth: number } = {
    count: MAX_QUERY_PARAMS,
    depth: MAX_PARAM_DEPTH,
  },
): Result<Params, string> {
  const limit = exceededLimit(text, separators, most.count)
  if (limit !== undefined) return err(limit)
  const params: Params = new Map()
  for (const pair of text.split(separators === '&' ? /& */ : /[&;] */)) {
    const equals = pair.indexOf('=')
    const name = unescapeForm(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? ok(null) : unescapeForm(pair.slice(equals + 1))
    if (!name.ok) return name
    if (!value.ok) return value
    if (name.value.includes('\ufffd') && !isText(name.value, pair))
      return err('invalid byte sequence in UTF-8')
    const assigned = assignRackParam(params, name.value, value.value, most.depth)
    if (!assigned.ok) return assigned
  }
  return ok(params)
}

/**
 * Puts one named value (of a multipart form, say) into `params`, by the brackets of its name. When a name says both list and object
 * the error is Rack's: ``expected Array (got String) for param `a'``. What was put in before an error stays.
 */
export function assignRackParam(
  params: Params,
  name: string,
  value: string | null | FilePart,
  depth = MAX_PARAM_DEPTH,
): Result<void, string> {
  try {
    normalize(params, name, value, depth)
    return ok(undefined)
  } catch (error) {
    if (error instanceof ParamError) return err(error.message)
    throw error
  }
}

/** Rack: `QueryParser#normalize_params`. Null where Ruby gives nil: a name of brackets only. */
function normalize(
  params: Params,
  name: string,
  value: string | null | FilePart,
  depth: number,
): Params | ParamValue[] | null {
  if (depth <= 0) throw new ParamError(TOO_DEEP)
  const [start = '', key = ''] = /^[[\]]*([^[\]]+)\]*/.exec(name) ?? []
  const after = name.slice(start.length)
  if (key === '') return value !== null && name === '[]' ? [value] : null
  if (after === '') set(params, key, value)
  else if (after === '[') set(params, name, value)
  else if (after === '[]') listOf(params, key).push(value)
  else {
    const childKey = listChild(after)
    if (childKey === undefined) set(params, key, normalize(objectOf(params, key), after, value, depth - 1))
    else appendTo(listOf(params, key), childKey, value, depth - 1)
  }
  return params
}

/** The `name` of `[][name]` and whatever follows `[]` otherwise. Ruby's ^ and $ are those of lines. */
function listChild(after: string): string | undefined {
  const simple = /(?<![^\n])\[\]\[([^[\]]+)\](?![^\n])/.exec(after)
  return simple?.[1] ?? /(?<![^\n])\[\]([^\n]+)(?![^\n])/.exec(after)?.[1]
}

/** A list of objects grows when its last object has the key already: `a[][x]=1&a[][y]=2&a[][x]=3` makes two. */
function appendTo(
  list: ParamValue[],
  childKey: string,
  value: string | null | FilePart,
  depth: number,
): void {
  const last = list.at(-1)
  if (last instanceof Map && !hasKey(last, childKey)) normalize(last, childKey, value, depth)
  else list.push(normalize(new Map(), childKey, value, depth))
}

function hasKey(params: Params, key: string): boolean {
  if (key.includes('[]')) return false
  let at: ParamValue | undefined = params
  for (const part of key.split(/[[\]]+/)) {
    if (part === '') continue
    if (!(at instanceof Map) || !at.has(part)) return false
    at = at.get(part)
  }
  return true
}

function listOf(params: Params, key: string): ParamValue[] {
  const list = params.get(key) ?? []
  if (!Array.isArray(list))
    throw new ParamError(`expected Array (got ${className(list)}) for param \`${key}'`)
  set(params, key, list)
  return list
}

function objectOf(params: Params, key: string): Params {
  const object = params.get(key) ?? new Map<string, ParamValue>()
  if (!(object instanceof Map))
    throw new ParamError(`expected Hash (got ${className(object)}) for param \`${key}'`)
  set(params, key, object)
  return object
}

function className(value: string | Params | ParamValue[] | FilePart): string {
  if (typeof value === 'string') return 'String'
  if (Array.isArray(value)) return 'Array'
  return value instanceof Map ? 'Rack::QueryParser::Params' : 'Hash'
}

/** The characters of all keys of one object. */
const keySpace = new WeakMap<Params, number>()

function set(params: Params, key: string, value: ParamValue): void {
  if (!params.has(key)) {
    const size = (keySpace.get(params) ?? 0) + Array.from(key).length
    keySpace.set(params, size)
    if (size > MAX_KEY_SPACE) throw new ParamError(TOO_MANY_KEYS)
  }
  params.set(key, value)
}

function exceededLimit(text: string, separators: string, most: number): string | undefined {
  if (Buffer.byteLength(text) > MAX_QUERY_BYTES) return `total query size exceeds limit (${MAX_QUERY_BYTES})`
  let count = 1
  for (const character of text) if (separators.includes(character)) count++
  return count > most ? `total number of query parameters (${count}) exceeds limit (${most})` : undefined
}

/** Ruby's `URI.decode_www_form_component`. Bytes that are no UTF-8 become U+FFFD. */
function unescapeForm(text: string): Result<string, string> {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return err(`invalid %-encoding (${text})`)
  if (!/[%+]/.test(text)) return ok(text)
  const spaced = text.replaceAll('+', ' ')
  return ok(
    spaced.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
    ),
  )
}

/** Whether the U+FFFD in a name were written by the sender, and not made from broken bytes. */
function isText(name: string, pair: string): boolean {
  const written = (pair.match(/\ufffd|%ef%bf%bd/gi) ?? []).length
  return written >= (name.match(/\ufffd/g) ?? []).length
}
