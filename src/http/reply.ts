import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { arrivalOf } from './arrival.ts'

/** An answer that is ready to be sent. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | StreamedBody | null
}

/** A body that is not held in memory. `open` is called once, and not at all for HEAD. */
export interface StreamedBody {
  /** Bytes; null: it ends when it ends, as a stream of events does. */
  readonly size: number | null
  open(): Readable
  /** Gives up what is held for a body that nobody reads. */
  readonly discard?: () => void
  /** From a byte up to, but without, another. With it `Range` is answered, which GitLab does not do for logs. */
  readonly slice?: (from: number, to: number) => Readable
}

/** GitLab: exactly `application/json`; python-gitlab compares the header for equality, so no charset. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

/** GitLab: a deletion is answered without body and without content type. */
export const NO_CONTENT: Reply = { status: 204, headers: {}, body: null }

export function stream(body: StreamedBody, headers: Readonly<Record<string, string>>): Reply {
  return { status: 200, headers, body }
}

/** Grape's words for a resource that is elsewhere for good. */
export function movedPermanently(location: string): Reply {
  const body = `This resource has been moved permanently to ${location}.`
  return { status: 301, headers: { Location: location, 'Content-Type': 'text/plain' }, body }
}

export function seeOther(location: string, headers: Readonly<Record<string, string>>): Reply {
  return { status: 303, headers: { Location: location, ...headers }, body: null }
}

/** Writes a reply out: a weak ETag and its 304 for what fits in memory, no body for HEAD. */
export function sendReply(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  response.statusCode = reply.status
  response.setHeader('X-Runtime', (arrivalOf(request).elapsed() / 1000).toFixed(6))
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value)
  if (reply.body === null) response.end()
  else if (typeof reply.body === 'string') sendText(request, response, reply.body)
  else sendStream(request, response, reply.body)
}

function sendText(request: IncomingMessage, response: ServerResponse, body: string): void {
  const bytes = Buffer.from(body)
  const readsOnly = request.method === 'GET' || request.method === 'HEAD'
  // Rack::ETag gives one to 200 and 201; Rack::ConditionalGet answers 304 to GET and HEAD only.
  if (response.statusCode === 200 || response.statusCode === 201) {
    const etag = `W/"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`
    response.setHeader('ETag', etag)
    if (readsOnly && response.statusCode === 200 && matches(request.headers['if-none-match'], etag)) {
      response.statusCode = 304
      response.removeHeader('Content-Type')
      response.end()
      return
    }
  }
  response.setHeader('Content-Length', bytes.length)
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function sendStream(request: IncomingMessage, response: ServerResponse, body: StreamedBody): void {
  const part = partOf(request, response, body)
  if (part === 'unsatisfiable') {
    response.statusCode = 416
    response.setHeader('Content-Range', `bytes */${body.size}`)
    response.removeHeader('Content-Disposition')
    response.setHeader('Content-Length', 0)
    body.discard?.()
    response.end()
    return
  }
  if (body.size !== null) response.setHeader('Content-Length', part ? part.to - part.from : body.size)
  if (request.method === 'HEAD' || body.size === 0) {
    body.discard?.()
    response.end()
    return
  }
  // A reader that goes away, or a file that does, ends the connection; there is nobody left to tell.
  pipeline(part ? part.open() : body.open(), response, () => {})
}

interface Part {
  readonly from: number
  readonly to: number
  open(): Readable
}

/** The one range that was asked for; several, or words that are no range, are answered with everything (RFC 9110). */
function partOf(
  request: IncomingMessage,
  response: ServerResponse,
  { size, slice }: StreamedBody,
): Part | 'unsatisfiable' | undefined {
  if (!slice || size === null || response.statusCode !== 200) return undefined
  response.setHeader('Accept-Ranges', 'bytes')
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  if (first === '' && last === '') return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < from) return undefined
  if (from >= to) return 'unsatisfiable'
  response.statusCode = 206
  response.setHeader('Content-Range', `bytes ${from}-${to - 1}/${size}`)
  return { from, to, open: () => slice(from, to) }
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const bare = etag.replace(/^W\//, '')
  return header.split(',').some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '') === bare)
}
