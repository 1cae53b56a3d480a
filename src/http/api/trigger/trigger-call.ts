import { err, ok, type Result } from '../../../shared/result.ts'
import { isParamMap, toJson, toPlain, type ParamMap, type RequestValue } from '../../body/request-value.ts'
import { paramReader } from '../param-reader.ts'
import type { Refused } from './refused.ts'

/** A trigger request that is well-formed. */
export interface TriggerCall {
  readonly ref: string
  readonly token: string
  readonly variables: ReadonlyMap<string, string>
  readonly inputs: Readonly<Record<string, unknown>>
  /** What the job finds in the file `TRIGGER_PAYLOAD`. */
  readonly payload: string
}

/** `loopGuard`: GitLab's own pipeline hooks may not start pipelines, or two projects could trigger each other for ever. */
export function readTriggerCall(params: ParamMap, loopGuard: boolean): Result<TriggerCall, Refused> {
  const reader = paramReader(params)
  const ref = reader.requiredText('ref')
  const token = reader.presentText('token')
  const variables = reader.map('variables') ?? new Map<string, RequestValue>()
  const inputs = reader.map('inputs') ?? new Map<string, RequestValue>()
  if (reader.messages.length > 0 || ref === undefined || token === undefined) {
    return err({
      problem: { kind: 'invalid_params', messages: reader.messages },
      reason: reader.messages.join(', '),
    })
  }
  if (loopGuard) {
    const reason = 'the request is a pipeline hook (X-Gitlab-Event), which may not start a pipeline'
    return err({ problem: { kind: 'forbidden', reason: null }, reason })
  }
  const texts = new Map(
    [...variables].flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : [])),
  )
  if (texts.size < variables.size) {
    const wrong = [...variables.keys()].filter((key) => !texts.has(key))
    return err({
      problem: { kind: 'variables_not_strings' },
      reason: `the value of variable ${quoted(wrong)} is not a string`,
    })
  }
  if ([ref, token, ...texts.keys(), ...texts.values()].some((text) => text.includes('\0'))) {
    return err({ problem: { kind: 'bad_request', reason: null }, reason: 'the request has a NUL character' })
  }
  return ok({
    ref,
    token,
    variables: texts,
    inputs: toRecord(inputs),
    payload: payloadOf(params, ref, variables),
  })
}

/** GitLab: all merged parameters but the token; `variables` is there even when none were sent. */
function payloadOf(params: ParamMap, ref: string, variables: ParamMap): string {
  const kept = new Map<string, RequestValue>([...params, ['ref', ref], ['variables', variables]])
  kept.delete('token')
  return toJson(kept)
}

function toRecord(inputs: ParamMap): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...inputs].map(([name, value]) => [name, toPlain(value)]))
}

/** The keys of the variables in a request, well-formed or not. */
export function variableKeys(params: ParamMap): readonly string[] {
  const variables = params.get('variables')
  return isParamMap(variables) ? [...variables.keys()] : []
}

function quoted(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(', ')
}
