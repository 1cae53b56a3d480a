import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { keepAlive, type KeepAlive } from './support/keep-alive.ts'
import { liveServer, MAINTAINER, OUTSIDER, OWNER, type LiveServer } from './support/live.ts'
import { encodedAs, ENCODINGS, escape, oddRequest, oddValue, type Fields } from './support/odd-requests.ts'
import type { Received, Sent } from './support/request.ts'

// Every route and every encoding with what should not be sent: no 500, no hang, and no secret in any answer or in the log.

const SEED = 20161104
const ROUTE_REQUESTS = 10_000
const TRIGGER_REQUESTS = 10_000
const HIDDEN = 'hidden-Value-of-the-project'

let server: LiveServer
let client: KeepAlive
/** Of triggers, each found by its owner only. */
const tokens: string[] = []
beforeAll(async () => {
  server = await liveServer({
    '.gitlab-ci.yml': 'build: {script: [make]}\nhand: {script: [make], when: manual}\n',
  })
  client = keepAlive(server.port, 16)
  await makeTrigger()
  await server.call('POST', '/variables', { key: 'HIDDEN', value: HIDDEN, masked_and_hidden: true })
  await server.call('POST', '/pipeline_schedules', { description: 'x', ref: 'main', cron: '0 1 * * *' })
  await server.pipeline()
  await server.finish('build', 'a log\n')
})
afterAll(() => client.close())

async function makeTrigger(): Promise<string> {
  const { token } = (await server.call('POST', '/triggers', { description: 'bot' })).body as { token: string }
  tokens.push(token)
  return token
}

interface Odd {
  readonly path: string
  readonly sent: Sent
}

/** Statuses that were answered; throws what must not be. */
async function sendAll(requests: readonly Odd[]): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {}
  const wrong: unknown[] = []
  await client.sendAll(requests, (received, request) => {
    statuses[received.status] = (statuses[received.status] ?? 0) + 1
    if (isWrong(received, request)) wrong.push([request, received.status, received.text.slice(0, 300)])
  })
  expect(wrong.slice(0, 3)).toEqual([])
  expect((await server.call('GET', '')).status).toBe(200)
  return statuses
}

function isWrong({ status, headers, text }: Received, { sent }: Odd): boolean {
  const type = headers['content-type']
  const asJson = text === '' || type !== 'application/json' || isJson(text)
  const shownToOwner = sent.headers?.['PRIVATE-TOKEN'] === OWNER
  const answer = JSON.stringify(headers) + text
  const leaks = [OWNER, MAINTAINER, OUTSIDER, HIDDEN, ...(shownToOwner ? [] : tokens)].some((secret) =>
    answer.includes(secret),
  )
  return status >= 500 || leaks || !asJson || (status >= 400 && type !== 'application/json')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Method and path of every route; a test keeps the page in step with the router. */
function routes(): { method: string; path: string }[] {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
  return [...page.matchAll(/^\| ([A-Z]+) \| `(\/[^`]*)` \|$/gm)].map(([, method = '', path = '']) => ({
    method,
    path,
  }))
}

/** Who may give rights and end tokens must not do it by chance: the rest would be answered 401. */
function tokenFor(path: string, index: number): string {
  if (/users|personal_access_tokens|members/.test(path)) return OUTSIDER
  return index % 5 === 0 ? OWNER : MAINTAINER
}

/** What each parameter of a path is when it is not odd. */
const USUAL: Readonly<Record<string, string>> = {
  id: '9',
  key: 'HIDDEN',
  ref: 'main',
  sha: 'main',
  branch: 'main',
}

it('10,000 odd requests to every route', { timeout: 240_000 }, async () => {
  const known = routes()
  expect(known.length).toBeGreaterThan(80)
  const odd = fc.sample(oddRequest, { numRuns: ROUTE_REQUESTS, seed: SEED })
  const requests = odd.map(({ encoding, fields, json, path: values }, index): Odd => {
    const { method = 'GET', path = '/' } = known[index % known.length] ?? {}
    let position = 0
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
      const value = values[position++] ?? ''
      const usual = USUAL[name] ?? '1'
      return index % 7 === position ? escape(value) || '%20' : usual
    })
    const { query, sent } = encodedAs(encoding, fields, json)
    const headers = { ...sent.headers, 'PRIVATE-TOKEN': tokenFor(path, index) }
    return { path: `/api/v4${filled}${query}`, sent: { ...sent, method, headers } }
  })
  const statuses = await sendAll(requests)
  // Neither are all of them refused at the door, nor is everything let in.
  for (const status of [200, 400, 404, 415]) expect(statuses[status] ?? 0).toBeGreaterThan(100)
})

const triggerRequest = fc.record({
  encoding: fc.constantFrom(...ENCODINGS),
  odd: oddRequest,
  token: fc.constantFrom('right', 'wrong', 'none'),
  ref: fc.oneof({ weight: 2, arbitrary: fc.constant('main') }, oddValue),
  inPath: fc.boolean(),
  variables: fc.array(fc.tuple(fc.stringMatching(/^[A-Za-z_]{0,4}$/), oddValue), { maxLength: 3 }),
})

it('10,000 odd requests to the trigger routes, in every encoding', { timeout: 240_000 }, async () => {
  // The one before may have been revoked by now.
  const token = await makeTrigger()
  const sample = fc.sample(triggerRequest, { numRuns: TRIGGER_REQUESTS, seed: SEED })
  const requests = sample.map(({ encoding, odd, token: which, ref, inPath, variables }, index): Odd => {
    const sentToken = { right: token, wrong: `${token}x`, none: undefined }[which]
    // One in three is what a client would send; else something odd is added.
    const more: Fields = index % 3 === 0 ? [] : odd.fields
    const pairs: Fields = [
      ...(sentToken === undefined ? [] : [['token', sentToken] as const]),
      ...(inPath ? [] : [['ref', ref] as const]),
      ...variables.map(([key, value]) => [`variables[${key}]`, value] as const),
      ...more,
    ]
    const json = {
      ...(index % 3 === 0 ? {} : odd.members),
      token: sentToken,
      ref,
      variables: Object.fromEntries(variables),
    }
    const { query, sent } = encodedAs(encoding, pairs, json)
    const between = inPath ? `/ref/${escape(ref) || '%20'}` : ''
    return {
      path: `/api/v4/projects/9${between}/trigger/pipeline${query}`,
      sent: { ...sent, method: 'POST' },
    }
  })
  const statuses = await sendAll(requests)
  for (const status of [201, 400, 404, 415]) expect(statuses[status] ?? 0).toBeGreaterThan(50)
})

it('bytes that are no HTTP end their connection and nothing else', async () => {
  const bytes = fc.sample(
    fc.tuple(
      fc.constantFrom('', 'GET / HTTP/1.1\r\n', 'POST /api/v4/x HTTP/1.1\r\nContent-Length: 5\r\n'),
      fc.string(),
    ),
    { numRuns: 200, seed: SEED },
  )
  for (const [head, rest] of bytes) {
    const heard = await new Promise<string>((resolve) => {
      let text = ''
      const socket = connect(server.port, '127.0.0.1', () => socket.end(`${head}${rest}\n\0\r\n\r\n`))
      socket.setEncoding('latin1').on('data', (part: string) => (text += part))
      socket.on('error', () => {})
      socket.on('close', () => resolve(text))
    })
    expect(heard).toMatch(/^(HTTP\/1\.1 4\d\d |$)/)
  }
  expect((await server.call('GET', '')).status).toBe(200)
})

it('the log has a record of each request and none of the secrets', () => {
  const log = JSON.stringify(server.logged)
  expect(server.logged.length).toBeGreaterThan(ROUTE_REQUESTS + TRIGGER_REQUESTS)
  expect(server.logged.filter(({ level }) => level === 'error').slice(0, 3)).toEqual([])
  for (const secret of [OWNER, MAINTAINER, OUTSIDER, ...tokens, HIDDEN]) expect(log).not.toContain(secret)
})
