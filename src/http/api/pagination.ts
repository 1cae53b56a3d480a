import { isList, isNumber, isParamMap, type ParamMap, type RequestValue } from '../body/request-value.ts'
import { json, type Reply } from '../reply.ts'
import type { ParamReader } from './param-reader.ts'

const DEFAULT_PER_PAGE = 20
/** GitLab caps in silence; glab asks for 500. */
const MAX_PER_PAGE = 100

export interface Page {
  readonly number: number
  readonly limit: number
  readonly offset: number
  /** As it was asked for: what links repeat. */
  readonly perPage: number
}

export function readPage(params: ParamReader): Page {
  const number = Math.max(1, params.integer('page') ?? 1)
  const asked = params.integer('per_page') ?? DEFAULT_PER_PAGE
  // GitLab's PaginationParams excepts this one value; a negative one is as good as none.
  if (asked === 0) params.complain('per_page has a value not allowed')
  const perPage = asked < 1 ? DEFAULT_PER_PAGE : asked
  const limit = Math.min(perPage, MAX_PER_PAGE)
  return { number, limit, offset: (number - 1) * limit, perPage }
}

/** A list and where the client stands in it. `total` null: it is not counted, so that neither totals nor `last` are given. */
export interface PagedList {
  readonly page: Page
  readonly items: readonly unknown[]
  readonly total: number | null
  /** Absolute, without query. */
  readonly url: string
  readonly sent: ParamMap
}

/** GitLab's headers (OffsetHeaderBuilder): `Link` has prev, next, first, last, each repeating every parameter of the request. */
export function paginated(list: PagedList): Reply {
  const { page, total } = list
  const pages = total === null ? null : Math.max(1, Math.ceil(total / page.limit))
  const hasNext = pages === null ? list.items.length === page.limit : page.number < pages
  const next = hasNext ? page.number + 1 : null
  const previous = page.number > 1 && (pages === null || page.number <= pages) ? page.number - 1 : null
  const link = (rel: string, number: number | null): string[] =>
    number === null
      ? []
      : [`<${list.url}?${toQuery(new Map([...list.sent, ...pageParams(page, number)]))}>; rel="${rel}"`]
  return json(200, list.items, {
    'X-Per-Page': String(page.limit),
    'X-Page': String(page.number),
    'X-Next-Page': String(next ?? ''),
    'X-Prev-Page': String(previous ?? ''),
    Link: [
      ...link('prev', previous),
      ...link('next', next),
      ...link('first', 1),
      ...link('last', pages),
    ].join(', '),
    ...(pages === null ? {} : { 'X-Total': String(total), 'X-Total-Pages': String(pages) }),
  })
}

function pageParams(page: Page, number: number): [string, RequestValue][] {
  return [
    ['page', String(number)],
    ['per_page', String(page.perPage)],
  ]
}

/** Rails' `to_query`: sorted by key, `scope[]=a` for lists, everything but `[A-Za-z0-9_.~-]` escaped, a space as `+`. */
export function toQuery(params: ParamMap): string {
  return [...params]
    .flatMap(([key, value]) => queryPairs(escape(key), value))
    .toSorted()
    .join('&')
}

function queryPairs(prefix: string, value: RequestValue): string[] {
  if (isList(value)) return value.flatMap((item) => queryPairs(`${prefix}%5B%5D`, item))
  if (isParamMap(value))
    return [...value].flatMap(([key, member]) => queryPairs(`${prefix}%5B${escape(key)}%5D`, member))
  if (typeof value === 'string' || typeof value === 'boolean') return [`${prefix}=${escape(String(value))}`]
  return [`${prefix}=${isNumber(value) ? value.digits : ''}`]
}

function escape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
