import type { Request } from 'express'
import type { HttpLimits } from '../model/limits.ts'
import { ok, type Result } from '../shared/result.ts'
import { parseBody, queryParams } from './body/parse-body.ts'
import { readBody } from './body/read-body.ts'
import type { ParamMap, RequestValue } from './body/request-value.ts'
import type { Problem } from './problems.ts'

/** Methods whose body GitLab reads. */
const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** What a request says, and how. */
export interface SentParams {
  /** Query, then body, then path; a later one wins and keeps the first one's position. */
  readonly params: ParamMap
  /** The body alone. */
  readonly body: ParamMap
  readonly query: ParamMap
  /** The bytes of the body. */
  readonly raw: Buffer
}

/** The part of the server's limits that reading a request needs. */
export type ReadLimits = Pick<HttpLimits, 'bodyBytes' | 'parameters' | 'parameterDepth'>

export async function readParams(
  request: Request,
  path: ParamMap,
  limits: ReadLimits,
): Promise<Result<SentParams, Problem>> {
  const query = queryParams(request.url, limits)
  if (!query.ok) return query
  const sent = METHODS_WITH_BODY.has(request.method)
    ? await readBodyParams(request, limits)
    : ok({ raw: Buffer.alloc(0), body: new Map<string, RequestValue>() })
  if (!sent.ok) return sent
  const { raw, body } = sent.value
  const params = new Map<string, RequestValue>([...query.value, ...body, ...path])
  return ok({ params, body, query: query.value, raw })
}

async function readBodyParams(
  request: Request,
  limits: ReadLimits,
): Promise<Result<{ readonly raw: Buffer; readonly body: ParamMap }, Problem>> {
  const bytes = await readBody(request, limits.bodyBytes)
  if (bytes.ok) {
    const body = await parseBody(request.headers['content-type'], bytes.value, limits)
    return body.ok ? ok({ raw: bytes.value, body: body.value }) : body
  }
  // To a sender that is gone no answer arrives.
  return {
    ok: false,
    error: bytes.error === 'too_large' ? { kind: 'body_too_large' } : { kind: 'bad_request', reason: null },
  }
}

/** The path's parameters in the order of the route; a wildcard's segments are joined again (GitLab: `ref` matches `.+`). */
export function pathParams(params: Readonly<Record<string, string | string[]>>): ParamMap {
  return new Map(
    Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : value]),
  )
}
