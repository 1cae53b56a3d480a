import type { Request } from 'express'
import { err, type Result } from '../../shared/result.ts'
import { bearerOf, type Bearer } from '../access-token.ts'
import type { ParamMap } from '../body/request-value.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'

/** GitLab: the header `PRIVATE-TOKEN`, the parameter `private_token`, then `Authorization: Bearer`. Cookies are not read here. */
export function authenticate(
  { store, clock }: Pick<HttpOptions, 'store' | 'clock'>,
  request: Request,
  params: ParamMap,
): Result<Bearer, Problem> {
  const bearer = bearerOf(store, sentToken(request, params), clock.now())
  if (!bearer.ok) return bearer
  return mayUse(bearer.value, request.method) ? bearer : err({ kind: 'insufficient_scope' })
}

function sentToken(request: Request, params: ParamMap): string | undefined {
  const param = params.get('private_token')
  if (typeof param === 'string' && param !== '') return param
  const header = request.headers['private-token']
  if (typeof header === 'string' && header !== '') return header
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

function mayUse({ scopes }: Bearer, method: string): boolean {
  if (scopes.includes('api')) return true
  return scopes.includes('read_api') && (method === 'GET' || method === 'HEAD')
}
