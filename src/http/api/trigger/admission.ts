import type { Request } from 'express'
import type { TriggerRequest } from '../../../model/provenance.ts'
import { err, ok, type Result } from '../../../shared/result.ts'
import { arrivalOf } from '../../arrival.ts'
import type { HttpOptions } from '../../options.ts'
import { readParams, type SentParams } from '../../params.ts'
import type { Problem } from '../../problems.ts'
import { routeParams } from '../route.ts'
import { findCaller, lookUp, type Caller } from './caller.ts'
import { readExtras, type Extras } from './extras.ts'
import type { Refused } from './refused.ts'
import { proofOf } from './signature.ts'
import { checkCall, checkNetwork } from './token-limits.ts'
import { readTriggerCall, type TriggerCall } from './trigger-call.ts'
import { describeRequest } from './trigger-request.ts'

/** A request to a trigger route that may have its pipeline, as far as can be said without the repository. */
export interface Admitted {
  readonly caller: Caller
  readonly call: TriggerCall
  readonly extras: Extras
  /** Of a signed delivery. */
  readonly webhookId: string | null
}

/** `request` is what is kept of it, whatever becomes of it. */
export interface Admission {
  readonly request: TriggerRequest
  readonly decision: Result<Admitted, Refused>
}

/** Who asks for what, in the order in which GitLab looks; our own limits come where a wrong token is told already. */
export async function admit(options: HttpOptions, request: Request): Promise<Admission> {
  const path = routeParams(request)
  const tooOften = options.rates.ofAddress(arrivalOf(request).countedAddress)
  if (tooOften) {
    const reason = `more than ${tooOften.limit} requests a minute from this address`
    const refused: Refused = { problem: { kind: 'throttled', throttled: tooOften }, reason }
    return { request: describeRequest(request, path, new Map()), decision: err(refused) }
  }
  const sent = await readParams(request, path, options.limits)
  if (!sent.ok) {
    const described = describeRequest(request, path, new Map())
    return { request: described, decision: err({ problem: sent.error, reason: unreadable(sent.error) }) }
  }
  const described = describeRequest(request, sent.value.params, sent.value.body)
  const call = readTriggerCall(sent.value.params, request.headers['x-gitlab-event'] === 'Pipeline Hook')
  if (!call.ok) return { request: withProject(options, described), decision: call }
  return admitCall(options, request, { described, sent: sent.value, call: call.value })
}

function admitCall(
  options: HttpOptions,
  request: Request,
  { described, sent, call }: { described: TriggerRequest; sent: SentParams; call: TriggerCall },
): Admission {
  const looked = lookUp(options, described.projectRef, call.token)
  const about: TriggerRequest = {
    ...described,
    projectId: looked.project?.id ?? null,
    triggerId: looked.trigger?.id ?? null,
  }
  const refuse = (refused: Refused): Admission => ({ request: about, decision: err(refused) })

  const tooOften = options.rates.ofToken(call.token, arrivalOf(request).countedAddress)
  if (tooOften) return refuse(throttled(tooOften))
  const caller = findCaller(options, looked, { ...described, token: call.token }, described.receivedAt)
  if (!caller.ok) return refuse(caller.error)
  const { trigger } = caller.value
  const known: TriggerRequest = { ...about, call: recordOf(caller.value, call) }
  const refuseKnown = (refused: Refused): Admission => ({ request: known, decision: err(refused) })

  const elsewhere = trigger && checkNetwork(trigger, described.remoteAddress)
  if (elsewhere) return refuse(elsewhere)
  const limit = trigger?.limits.rateLimit ?? null
  const tooMany = trigger && limit !== null ? options.rates.ofTrigger(trigger.id, limit) : undefined
  if (tooMany) return refuse(throttled(tooMany))
  const proof = trigger?.signed ? proofFor(options, request, sent.raw, trigger.id) : noProof
  if (!proof.ok) return refuse({ problem: { kind: 'unauthorized' }, reason: proof.why })

  const extras = readExtras(request.headers, sent, options.limits.waitSeconds)
  if (!extras.ok) return refuseKnown(extras.error)
  const narrowed = trigger ? checkCall(trigger, call) : undefined
  if (narrowed) return refuseKnown(narrowed)
  const admitted = { caller: caller.value, call, extras: extras.value, webhookId: proof.webhookId }
  return { request: known, decision: ok(admitted) }
}

const noProof = { ok: true, webhookId: null } as const

function proofFor({ store, clock, limits }: HttpOptions, request: Request, raw: Buffer, triggerId: number) {
  const time = { now: clock.now(), toleranceSeconds: limits.signatureSeconds }
  return proofOf(request.headers, raw, store.triggers.secretOf(triggerId) ?? '', time)
}

function recordOf(caller: Caller, call: TriggerCall): NonNullable<TriggerRequest['call']> {
  return {
    ref: call.ref,
    variables: [...call.variables].map(([key, value]) => ({ key, value })),
    inputs: call.inputs,
    payload: call.payload,
    jobId: caller.job?.id ?? null,
  }
}

/** A malformed request is shown to its project's maintainers, too. */
function withProject({ projects }: HttpOptions, described: TriggerRequest): TriggerRequest {
  return { ...described, projectId: projects.find(described.projectRef)?.id ?? null }
}

function throttled(by: Extract<Problem, { kind: 'throttled' }>['throttled']): Refused {
  const reason = `more than ${by.limit} requests a minute with this token`
  return { problem: { kind: 'throttled', throttled: by }, reason }
}

function unreadable(problem: Problem): string {
  switch (problem.kind) {
    case 'unsupported_media_type':
      return `the content type "${problem.mediaType.slice(0, 255)}" is not supported`
    case 'invalid_json':
      return 'the body is not the JSON that its content type says'
    case 'body_too_large':
      return 'the body is too large'
    default:
      return 'the request could not be read'
  }
}
