import { NO_TRIGGER_LIMITS, type TriggerLimits } from '../../../model/trigger.ts'
import { randomToken } from '../../../platform/random.ts'
import { parseNetwork } from '../../../shared/network.ts'
import { isList, isNumber, isParamMap, type RequestValue } from '../../body/request-value.ts'
import type { ParamReader } from '../param-reader.ts'

/** What of a trigger's limits a request gives; `undefined` leaves one as it is, `null` or an empty value lifts it. */
export interface SentLimits {
  readonly allowedRefs?: TriggerLimits['allowedRefs']
  readonly allowedVariables?: TriggerLimits['allowedVariables']
  readonly fixedVariables?: TriggerLimits['fixedVariables']
  readonly allowedNetworks?: TriggerLimits['allowedNetworks']
  readonly rateLimit?: number | null
  /** Null: none any more. */
  readonly secret?: string | null
}

type Pairs = readonly { readonly key: string; readonly values: readonly string[] }[]

/** `allowed_refs`, `allowed_variables`, `fixed_variables`, `allowed_networks`, `rate_limit` and `webhook_secret`. */
export function readLimits(params: ParamReader): SentLimits {
  return {
    ...given(params, 'allowed_refs', texts, (allowedRefs) => ({ allowedRefs })),
    ...given(params, 'allowed_variables', allowed, (allowedVariables) => ({ allowedVariables })),
    ...given(params, 'fixed_variables', fixed, (fixedVariables) => ({
      fixedVariables: fixedVariables ?? [],
    })),
    ...given(params, 'allowed_networks', networks, (allowedNetworks) => ({ allowedNetworks })),
    // The reader complains itself, because there is a range too.
    ...given(
      params,
      'rate_limit',
      () => params.integerIn('rate_limit', 1, 1_000_000) ?? null,
      (rateLimit) => ({ rateLimit }),
    ),
    ...given(params, 'webhook_secret', secret, (words) => ({ secret: words })),
  }
}

export function mergeLimits(known: TriggerLimits, sent: SentLimits): TriggerLimits {
  const { secret: _secret, ...limits } = sent
  return { ...known, ...limits }
}

export const newLimits = (sent: SentLimits): TriggerLimits => mergeLimits(NO_TRIGGER_LIMITS, sent)

/** `read` gives undefined for what it cannot use. */
function given<T, R extends object>(
  params: ParamReader,
  name: string,
  read: (value: RequestValue) => T | undefined,
  into: (value: T | null) => R,
): R | Record<string, never> {
  if (!params.has(name)) return {}
  const value = params.value(name)
  if (value === undefined || value === null || value === '') return into(null)
  const found = read(value)
  if (found !== undefined) return into(found)
  params.complain(`${name} is invalid`)
  return {}
}

function texts(value: RequestValue): readonly string[] | undefined {
  const list = (isList(value) ? value : [value]).map(text)
  return list.includes(undefined) ? undefined : list.flatMap((each) => each ?? [])
}

function text(value: RequestValue): string | undefined {
  if (typeof value === 'string') return value
  return isNumber(value) ? value.digits : undefined
}

/** Keys alone, or keys with the values that each may have. */
function allowed(value: RequestValue): Pairs | undefined {
  if (!isParamMap(value)) return texts(value)?.map((key) => ({ key, values: ['*'] }))
  const pairs = [...value].map(([key, values]) => ({ key, values: texts(values) }))
  const whole = pairs.flatMap(({ key, values }) => (values ? [{ key, values }] : []))
  return whole.length === pairs.length ? whole : undefined
}

function fixed(value: RequestValue): TriggerLimits['fixedVariables'] | undefined {
  if (!isParamMap(value)) return undefined
  const pairs = [...value].map(([key, each]) => ({ key, value: text(each) }))
  const whole = pairs.flatMap(({ key, value: each }) =>
    each !== undefined && /^[a-zA-Z0-9_]{1,255}$/.test(key) ? [{ key, value: each }] : [],
  )
  return whole.length === pairs.length ? whole : undefined
}

function networks(value: RequestValue): readonly string[] | undefined {
  const list = texts(value)
  return list?.every((each) => parseNetwork(each) !== undefined) ? list : undefined
}

const SECRET_BYTES = 32

/** `generate` makes one of the form that GitLab's web hooks have. */
function secret(value: RequestValue): string | undefined {
  const sent = text(value)
  if (sent !== 'generate') return sent
  return `whsec_${Buffer.from(randomToken('', SECRET_BYTES), 'base64url').toString('base64')}`
}
