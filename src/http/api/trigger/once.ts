import { createHash } from 'node:crypto'
import type { TriggerRequest } from '../../../model/provenance.ts'
import { err, ok, type Result } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import type { Caller } from './caller.ts'
import type { Refused } from './refused.ts'

type Once = NonNullable<TriggerRequest['once']>

/** What makes two requests the same one: project, token and the sender's key. */
export function onceOf(
  caller: Caller,
  sent: {
    readonly payload: string
    readonly idempotencyKey: string | null
    readonly webhookId: string | null
  },
): Once | undefined {
  if (sent.idempotencyKey === null && sent.webhookId === null) return undefined
  const scope = `${caller.project.id}:${caller.trigger ? `trigger ${caller.trigger.id}` : `job ${caller.job?.id ?? 0}`}`
  return {
    idempotencyKey: sent.idempotencyKey === null ? null : `${scope}:key:${sent.idempotencyKey}`,
    webhookId: sent.webhookId === null ? null : `${scope}:hook:${sent.webhookId}`,
    bodySha256: createHash('sha256').update(sent.payload).digest('hex'),
  }
}

/** What an earlier request with the same key means: its pipeline again, a refusal, or undefined when there was none. */
export function earlier(
  { store, limits }: HttpOptions,
  once: Once,
  now: number,
): Result<{ readonly pipelineId: number } | undefined, Refused> {
  const since = now - limits.idempotencyHours * 3600_000
  if (once.idempotencyKey !== null) {
    const first = store.triggerRequests.firstWithKey(once.idempotencyKey, since)
    if (first?.bodySha256?.toString('hex') === once.bodySha256) return ok({ pipelineId: first.pipelineId })
    if (first) return used('Idempotency-Key', 'was used for another request', first.pipelineId)
  }
  const delivered =
    once.webhookId === null ? undefined : store.triggerRequests.firstWithWebhookId(once.webhookId, since)
  return delivered ? used('webhook-id', 'was delivered before', delivered.pipelineId) : ok(undefined)
}

function used(name: string, how: string, pipelineId: number): Result<never, Refused> {
  const text = `409 Conflict - this ${name} ${how}`
  return err({
    problem: { kind: 'said', status: 409, text },
    reason: `${name} ${how}, which made pipeline ${pipelineId}`,
  })
}

/** Lets requests with the same key through one after the other: the second finds what the first has made. */
export function makeQueue(): <T>(key: string | null, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    if (key === null) return await work()
    const before = last.get(key)
    const mine = (async () => {
      await before?.catch(() => undefined)
      return await work()
    })()
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
