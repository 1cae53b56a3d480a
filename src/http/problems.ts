import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Refusal } from '../model/command.ts'
import { isDiskFull } from '../store/database.ts'
import type { Throttled } from './limits/rate-limits.ts'
import { json, sendReply, type Reply } from './reply.ts'
import { sanitized } from './sanitized.ts'

/** Everything that can be wrong with a request, in the words of the code. Statuses and texts are given here and nowhere else. */
export type Problem =
  | { readonly kind: 'unknown_route' | 'api_v3' | 'invalid_json' | 'body_too_large' }
  | { readonly kind: 'unsupported_media_type'; readonly mediaType: string }
  /** Grape's validation: one message for each wrong parameter. */
  | { readonly kind: 'invalid_params'; readonly messages: readonly string[] }
  | { readonly kind: 'bad_request'; readonly reason: string | null }
  | { readonly kind: 'variables_not_strings' }
  | { readonly kind: 'unauthorized' | 'token_expired' | 'token_revoked' }
  | { readonly kind: 'job_not_running' | 'job_erased' }
  | { readonly kind: 'insufficient_scope' }
  | { readonly kind: 'forbidden'; readonly reason: string | null }
  /** A text alone, where GitLab has no frame around it. */
  | { readonly kind: 'said'; readonly status: 400 | 404 | 409 | 422 | 500; readonly text: string }
  /** A model's validation: messages by field, general ones under `base`. */
  | {
      readonly kind: 'invalid_record'
      readonly errors: Readonly<Record<string, readonly string[]>>
      /** Our own words beside GitLab's, such as where in a text the mistake is. */
      readonly detail?: string
    }
  | { readonly kind: 'project_moved' }
  | { readonly kind: 'keyset_unsupported' | 'precondition_failed' }
  | { readonly kind: 'throttled'; readonly throttled: Throttled }
  /** The request was not complete when its time was over. */
  | { readonly kind: 'too_slow' }
  /** `what` is GitLab's noun: `404 Project Not Found`. */
  | { readonly kind: 'not_found'; readonly what: string | null }
  /** A look-up by number failed; GitLab writes this one with a small f. */
  | { readonly kind: 'record_not_found' }
  | { readonly kind: 'misdirected'; readonly host: string }
  /** The engine made no pipeline. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The configuration is wrong; `text` is what GitLab keeps as `yaml_errors`. */
  | { readonly kind: 'invalid_config'; readonly text: string }
  | { readonly kind: 'unavailable'; readonly why: string }
  | { readonly kind: 'internal' }

/** Seconds after which a sender that met a full disk or a locked database may come again. */
const RETRY_AFTER = { 'Retry-After': '60' }

const BEARER = { 'WWW-Authenticate': 'Bearer realm="Protected by OAuth 2.0"' }

const INVALID_JSON =
  "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body' "

export function sendProblem(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  sendReply(request, response, problemReply(problem))
}

export function problemReply(problem: Problem): Reply {
  switch (problem.kind) {
    case 'unknown_route':
      return error(404, '404 Not Found')
    case 'api_v3':
      return error(410, 'API V3 is no longer supported. Use API V4 instead.')
    case 'invalid_json':
      return error(400, INVALID_JSON)
    case 'unsupported_media_type':
      return error(415, `The provided content-type '${problem.mediaType}' is not supported.`)
    case 'invalid_params':
      return error(400, problem.messages.join(', '))
    case 'body_too_large':
      return message(413, '413 Request Entity Too Large')
    case 'bad_request':
      return message(400, withReason('400 Bad request', problem.reason))
    case 'variables_not_strings':
      return message(400, 'variables needs to be a map of key-valued strings')
    case 'unauthorized':
      return message(401, '401 Unauthorized')
    case 'token_expired':
      return invalidToken('Token is expired. You can either do re-authorization or token refresh.')
    case 'token_revoked':
      return invalidToken('Token was revoked. You have to re-authorize from the user.')
    case 'job_not_running':
      return message(401, 'Job is not running')
    case 'job_erased':
      return message(401, 'Job has been erased!')
    case 'insufficient_scope':
      return json(403, {
        error: 'insufficient_scope',
        error_description: 'The request requires higher privileges than provided by the access token.',
        scope: 'api',
      })
    case 'forbidden':
      return message(403, withReason('403 Forbidden', problem.reason))
    case 'said':
      return message(problem.status, problem.text)
    case 'invalid_record':
      return json(400, {
        message: problem.errors,
        ...(problem.detail === undefined ? {} : { detail: problem.detail }),
      })
    case 'project_moved':
      return message(405, 'Non GET methods are not allowed for moved projects')
    case 'keyset_unsupported':
      return error(405, 'Keyset pagination is not yet available for this type of request')
    case 'throttled':
      return tooMany(problem.throttled)
    case 'too_slow':
      return message(408, '408 Request Timeout')
    case 'precondition_failed':
      return message(412, '412 Precondition Failed')
    case 'not_found':
      return message(404, problem.what === null ? '404 Not Found' : `404 ${problem.what} Not Found`)
    case 'record_not_found':
      return message(404, '404 Not found')
    case 'misdirected':
      return message(
        421,
        `421 Misdirected Request - the host "${problem.host}" is not served here; external_url names it`,
      )
    case 'refused':
      if (problem.refusal.reason === 'too_many_waiting')
        return problemReply({ kind: 'unavailable', why: 'too many pipelines are waiting' })
      return base(refusalStatus(problem.refusal), problem.refusal.message)
    case 'invalid_config':
      return base(422, problem.text)
    case 'unavailable':
      return json(503, { message: `503 Service Unavailable - ${problem.why}` }, RETRY_AFTER)
    case 'internal':
      return message(500, '500 Internal Server Error')
  }
}

/** What an exception means to whoever sent the request: no room, no turn at the database, an address that cannot be read, or a bug. */
export function problemOf(thrown: unknown): Problem {
  if (isDiskFull(thrown)) return { kind: 'unavailable', why: 'there is no room left on the disk' }
  const code =
    thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return { kind: 'unavailable', why: 'the database is locked' }
  // express: a percent escape in the path that is not UTF-8.
  const status = thrown instanceof Error && 'status' in thrown ? thrown.status : undefined
  return status === 400 ? { kind: 'bad_request', reason: null } : { kind: 'internal' }
}

/** GitLab: the pipeline model refuses bad variables with 422 (they are validations), everything else of the chain with 400. */
function refusalStatus(refusal: Refusal): number {
  return refusal.reason === 'duplicate_variable' || refusal.reason === 'invalid_variables' ? 422 : 400
}

/** GitLab (Rack::Attack): plain text, and the headers of the RateLimit draft, which no other answer has. */
function tooMany({ name, limit, observed, resetAt, retryAfter }: Throttled): Reply {
  return {
    status: 429,
    headers: {
      'Content-Type': 'text/plain',
      'RateLimit-Name': name,
      'RateLimit-Limit': String(limit),
      'RateLimit-Observed': String(observed),
      'RateLimit-Remaining': '0',
      'RateLimit-Reset': String(Math.floor(resetAt / 1000)),
      'RateLimit-ResetTime': new Date(resetAt).toUTCString(),
      'Retry-After': String(retryAfter),
    },
    body: 'Retry later',
  }
}

function error(status: number, text: string): Reply {
  return json(status, { error: text })
}

function message(status: number, text: string): Reply {
  return json(status, { message: text })
}

function base(status: number, text: string): Reply {
  return json(status, { message: { base: [sanitized(text)] } })
}

function invalidToken(description: string): Reply {
  return json(401, { error: 'invalid_token', error_description: description }, BEARER)
}

function withReason(text: string, reason: string | null): string {
  return reason === null ? text : `${text} - ${reason}`
}
