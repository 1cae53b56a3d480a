import { parseRackQuery } from '../../shared/rack-params.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Problem } from '../problems.ts'
import { parseJson } from './json-text.ts'
import { parseMultipart } from './multipart.ts'
import { isParamMap, type ParamLimits, type ParamMap } from './request-value.ts'

const EMPTY: ParamMap = new Map()

/** The parameters in a body, by its content type; Grape's answers for what cannot be read. */
export async function parseBody(
  contentType: string | undefined,
  body: Buffer,
  limits: ParamLimits,
): Promise<Result<ParamMap, Problem>> {
  if (body.length === 0) return ok(EMPTY)
  const mediaType = mediaTypeOf(contentType)
  switch (mediaType) {
    case 'application/json':
      return jsonParams(body, limits)
    case 'application/x-www-form-urlencoded':
      return formParams(body.toString(), '&', limits)
    case 'multipart/form-data':
      return await parseMultipart(contentType ?? '', body, limits)
    default:
      return err({ kind: 'unsupported_media_type', mediaType })
  }
}

/** `text/plain` of `Text/Plain; charset=utf-8`; empty when there is no header. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (
    (contentType ?? '')
      .split(/\s*[;,]\s*/, 1)[0]
      ?.trim()
      .toLowerCase() ?? ''
  )
}

/** The query string's parameters. */
export function queryParams(target: string, limits: ParamLimits): Result<ParamMap, Problem> {
  const mark = target.indexOf('?')
  return mark === -1 ? ok(EMPTY) : formParams(target.slice(mark + 1), '&;', limits)
}

/** Rack: `;` separates parameters in a query, and is a part of them in a body. */
function formParams(text: string, separators: '&;' | '&', limits: ParamLimits): Result<ParamMap, Problem> {
  const params = parseRackQuery(text, separators, { count: limits.parameters, depth: limits.parameterDepth })
  return params.ok ? params : err({ kind: 'bad_request', reason: params.error })
}

/** A scalar or a list at the top is well-formed and has no names: it adds nothing (Grape). */
function jsonParams(body: Buffer, limits: ParamLimits): Result<ParamMap, Problem> {
  const text = utf8(body)
  const value = text === undefined ? undefined : parseJson(text, limits.parameterDepth)
  if (!value?.ok) return err({ kind: 'invalid_json' })
  return ok(isParamMap(value.value) ? value.value : EMPTY)
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined // not UTF-8, so not JSON
  }
}
