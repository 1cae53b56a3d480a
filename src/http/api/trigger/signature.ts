import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** What a sender proved, or why it proved nothing. */
export type Proof =
  /** `webhookId`: given once by its sender, so that the same delivery can be told. */
  { readonly ok: true; readonly webhookId: string | null } | { readonly ok: false; readonly why: string }

/**
 * Checks that a request was made by somebody who knows the trigger's secret: by `webhook-signature` (the Standard Webhooks scheme,
 * which GitLab sends too), `X-Hub-Signature-256` (GitHub) or `X-Gitlab-Token`, over the bytes of the body as they came.
 */
export function proofOf(
  headers: IncomingHttpHeaders,
  raw: Buffer,
  secret: string,
  time: { readonly now: number; readonly toleranceSeconds: number },
): Proof {
  if (headers['webhook-signature'] !== undefined) return bySignature(headers, raw, secret, time)
  const hub = headers['x-hub-signature-256']
  if (typeof hub === 'string') {
    const expected = `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`
    return same(hub, expected)
      ? { ok: true, webhookId: null }
      : refused('X-Hub-Signature-256 does not fit the body')
  }
  const plain = headers['x-gitlab-token']
  if (typeof plain === 'string')
    return same(plain, secret) ? { ok: true, webhookId: null } : refused('X-Gitlab-Token is not the secret')
  return refused('the trigger has a secret, and the request has no signature')
}

function bySignature(
  headers: IncomingHttpHeaders,
  raw: Buffer,
  secret: string,
  { now, toleranceSeconds }: { readonly now: number; readonly toleranceSeconds: number },
): Proof {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signatures = headers['webhook-signature']
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string')
    return refused('webhook-id, webhook-timestamp and webhook-signature belong together')
  const seconds = /^\d{1,15}$/.test(timestamp) ? Number(timestamp) : NaN
  const signed = createHmac('sha256', keyOf(secret))
    .update(`${id}.${timestamp}.`)
    .update(raw)
    .digest('base64')
  // Several signatures may stand there while a secret is being changed.
  const fits = signatures.split(' ').map((each) => same(each, `v1,${signed}`))
  if (!fits.includes(true)) return refused('webhook-signature does not fit the body')
  if (!(Math.abs(now / 1000 - seconds) <= toleranceSeconds))
    return refused(`webhook-timestamp is more than ${toleranceSeconds} seconds away from now`)
  return { ok: true, webhookId: id }
}

/** `whsec_` and the key in base64; any other text is the key itself, or what is no base64 would be an empty key, which all know. */
function keyOf(secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/_-]{2,}={0,2})$/.exec(secret)?.[1]
  return encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64')
}

/** Takes as long for every wrong text. */
function same(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}

function refused(why: string): Proof {
  return { ok: false, why }
}
