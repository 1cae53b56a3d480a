import type { IncomingHttpHeaders } from 'node:http'
import { err, ok, type Result } from '../../../shared/result.ts'
import { mediaTypeOf } from '../../body/parse-body.ts'
import type { ParamMap } from '../../body/request-value.ts'
import type { SentParams } from '../../params.ts'
import { paramReader } from '../param-reader.ts'
import type { Refused } from './refused.ts'

/** What a caller may ask for beyond GitLab. */
export interface Extras {
  /** Only say what would be. */
  readonly dryRun: boolean
  /** Seconds to hold the answer until the pipeline has ended; null: answer at once. */
  readonly wait: number | null
  readonly idempotencyKey: string | null
}

/** Seconds, when `wait` is given and `timeout` is not. */
const DEFAULT_WAIT = 600
const LONGEST_KEY = 255

/**
 * `dry_run`, `wait`, `timeout` and the header `Idempotency-Key`. The three are read in the query, and in the body where that is the
 * caller's own: a web hook's body is another program's, and may have members of any name.
 */
export function readExtras(
  headers: IncomingHttpHeaders,
  sent: SentParams,
  longestWait: number,
): Result<Extras, Refused> {
  const reader = paramReader(ownParams(headers, sent))
  const dryRun = reader.flag('dry_run') ?? false
  const wait = reader.flag('wait') ?? false
  const timeout = wait ? reader.integerIn('timeout', 0, Number.MAX_SAFE_INTEGER) : undefined
  const [wrong] = reader.messages
  if (wrong !== undefined)
    return err({ problem: { kind: 'invalid_params', messages: reader.messages }, reason: wrong })
  const key = headers['idempotency-key']
  const idempotencyKey = typeof key === 'string' && key.trim() !== '' ? key.trim() : null
  if (idempotencyKey !== null && idempotencyKey.length > LONGEST_KEY) {
    const reason = `Idempotency-Key is longer than ${LONGEST_KEY} characters`
    return err({ problem: { kind: 'bad_request', reason }, reason })
  }
  return ok({ dryRun, wait: wait ? Math.min(timeout ?? DEFAULT_WAIT, longestWait) : null, idempotencyKey })
}

/** A form, or a JSON body that has the token in it, is what the caller wrote for us. */
function ownParams(headers: IncomingHttpHeaders, { query, body }: SentParams): ParamMap {
  const foreign = mediaTypeOf(headers['content-type']) === 'application/json' && !body.has('token')
  return foreign ? query : new Map([...query, ...body])
}
