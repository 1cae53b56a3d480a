import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { err, ok, type Result } from '../../shared/result.ts'
import { EXIT } from '../exit-code.ts'
import { failure, type Failure } from '../failure.ts'
import type { Daemon } from './find-daemon.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The JSON of the body; undefined when there is none. */
  readonly body: unknown
}

/** What the daemon refused, with its status; without one it did not answer. */
export type CallFailure = Failure & { readonly status?: number }

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Without the access token: something else in the request proves who asks. */
  readonly anonymous?: boolean
  /** What stands before the path; default `/api/v4`. */
  readonly root?: string
}

/** Speaks GitLab's API with a daemon. */
export interface Client {
  readonly daemon: Daemon
  /** One request. Everything but a 2xx answer is a failure that quotes the daemon. `path` begins behind `/api/v4`. */
  call(path: string, call?: Call): Promise<Result<Answer, CallFailure>>
  /** All pages of a list. */
  list(path: string, query?: Call['query']): Promise<Result<readonly unknown[], Failure>>
  /** The answer as it comes, for logs and files. */
  stream(path: string, call?: Call): Promise<Result<IncomingMessage, CallFailure>>
}

export function makeClient(daemon: Daemon): Client {
  async function stream(path: string, options: Call = {}): Promise<Result<IncomingMessage, CallFailure>> {
    const response = await send(daemon, path, options)
    if (!response.ok) return response
    const { statusCode = 0 } = response.value
    if (statusCode >= 200 && statusCode < 300) return response
    return err({
      ...refusal(statusCode, await readJson(response.value), options.method ?? 'GET', path),
      status: statusCode,
    })
  }

  async function call(path: string, options: Call = {}): Promise<Result<Answer, CallFailure>> {
    const response = await stream(path, options)
    if (!response.ok) return response
    const { statusCode = 0, headers } = response.value
    return ok({ status: statusCode, headers, body: await readJson(response.value) })
  }

  return {
    daemon,
    call,
    stream,
    async list(path, query = {}) {
      const items: unknown[] = []
      for (let page = '1'; page !== '';) {
        const answer = await call(path, { query: { per_page: 100, ...query, page } })
        if (!answer.ok) return answer
        if (Array.isArray(answer.value.body)) items.push(...(answer.value.body as unknown[]))
        const next = answer.value.headers['x-next-page']
        page = typeof next === 'string' ? next : ''
      }
      return ok(items)
    },
  }
}

function send(daemon: Daemon, path: string, call: Call): Promise<Result<IncomingMessage, Failure>> {
  const url = new URL(`${daemon.url}${call.root ?? '/api/v4'}${path}`)
  for (const [key, value] of Object.entries(call.query ?? {}))
    if (value !== undefined) url.searchParams.set(key, String(value))
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  return new Promise((resolve) => {
    const ask = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = ask(url, {
      method: call.method ?? 'GET',
      headers: {
        ...(daemon.token === null || call.anonymous ? {} : { 'PRIVATE-TOKEN': daemon.token }),
        'User-Agent': 'sluice',
        ...(body === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        ...call.headers,
      },
    })
    request.on('response', (response) => resolve(ok(response)))
    request.on('error', (error) =>
      resolve(
        err(
          failure(
            EXIT.refused,
            'daemon.unreachable',
            `${daemon.url} does not answer: ${error.message}`,
            'is it running? sluice serve',
          ),
        ),
      ),
    )
    request.end(body)
  })
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  try {
    for await (const piece of response) pieces.push(piece as Buffer)
    const text = Buffer.concat(pieces).toString('utf8')
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    // Not from a daemon of ours; the status says enough.
    return undefined
  }
}

function refusal(status: number, body: unknown, method: string, path: string): Failure {
  const help =
    status === 401 ? 'SLUICE_TOKEN, or the access token of that daemon, is not valid there' : detailOf(body)
  return failure(
    EXIT.refused,
    'daemon.refused',
    `${textOf(body) ?? String(status)} (${method} ${path})`,
    help,
  )
}

/** What Sluice says beside GitLab's message, such as where a cron expression is wrong. */
function detailOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('detail' in body)) return null
  return typeof body.detail === 'string' ? body.detail : null
}

/** GitLab's error bodies: `{"message": "…"}`, `{"message": {"base": ["…"]}}`, `{"error": "…"}`. */
function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body
  if (Array.isArray(body)) return body.map(textOf).join('; ')
  if (typeof body !== 'object' || body === null) return undefined
  if ('message' in body) return textOf(body.message)
  if ('error' in body) return textOf(body.error)
  return Object.entries(body)
    .map(([field, words]) =>
      `${field === 'base' ? '' : `${field} `}${textOf(words) ?? ''}`.replace('  ', ' '),
    )
    .join('; ')
}
