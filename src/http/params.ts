import type { Request } from 'express'
import { ok, type Result } from '../shared/result.ts'
import { parseBody, queryParams } from './body/parse-body.ts'
import { MAX_BODY_BYTES, readBody } from './body/read-body.ts'
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
}

export async function readParams(request: Request, path: ParamMap): Promise<Result<SentParams, Problem>> {
  const query = queryParams(request.url)
  if (!query.ok) return query
  const body = METHODS_WITH_BODY.has(request.method) ? await readBodyParams(request) : ok<ParamMap>(new Map())
  if (!body.ok) return body
  return ok({
    params: new Map<string, RequestValue>([...query.value, ...body.value, ...path]),
    body: body.value,
  })
}

async function readBodyParams(request: Request): Promise<Result<ParamMap, Problem>> {
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (bytes.ok) return await parseBody(request.headers['content-type'], bytes.value)
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
