import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { HttpLimits } from '../../src/model/limits.ts'
import { form, jsonBody, type Received } from './support/request.ts'
import { ACCESS_TOKEN, startServer, TRIGGER_TOKEN, type TestServer } from './support/server.ts'

let server: TestServer
afterEach(() => server.close())

const start = async (limits: Partial<HttpLimits>, host = '127.0.0.1'): Promise<void> => {
  server = await startServer({ limits, host })
}

/** An address of this machine that is not loopback's. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((each) => each !== undefined && !each.internal && each.family === 'IPv4')?.address

/** As a caller from elsewhere. */
function sendFrom(
  host: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const method = body === '' ? 'GET' : 'POST'
    const sent = request({ host, port: server.port, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe.skipIf(outside === undefined)('from beyond loopback', () => {
  const host = outside ?? ''

  it("a token has so many requests a minute, then 429 with GitLab's headers; another token has its own", async () => {
    await start({ requestsPerToken: 3 }, '0.0.0.0')
    const ask = (token: string): Promise<Received> =>
      sendFrom(host, '/api/v4/version', { 'PRIVATE-TOKEN': token })
    const answers = []
    for (let n = 0; n < 5; n++) answers.push(await ask(ACCESS_TOKEN))
    expect(answers.map((each) => each.status)).toEqual([200, 200, 200, 429, 429])
    expect(answers[0]?.headers['ratelimit-limit']).toBeUndefined()
    expect([answers[4]?.text, answers[4]?.headers]).toEqual([
      'Retry later',
      expect.objectContaining({
        'content-type': 'text/plain',
        'ratelimit-name': 'throttle_authenticated_api',
        'ratelimit-limit': '3',
        'ratelimit-observed': '5',
        'ratelimit-remaining': '0',
        'ratelimit-reset': '1478252220',
        'ratelimit-resettime': 'Fri, 04 Nov 2016 09:37:00 GMT',
        'retry-after': '47',
      }),
    ])
    expect((await ask('glpat-MayOnlyReadThings')).status).toBe(200)
    server.clock.time += 47_000
    expect((await ask(ACCESS_TOKEN)).status).toBe(200)
  })

  it('a trigger token too, and the refusal is kept', async () => {
    await start({ requestsPerToken: 1 }, '0.0.0.0')
    const body = `token=${TRIGGER_TOKEN}&ref=main`
    const ask = (): Promise<Received> =>
      sendFrom(
        host,
        '/api/v4/projects/9/trigger/pipeline',
        { 'Content-Type': 'application/x-www-form-urlencoded' },
        body,
      )
    expect([(await ask()).status, (await ask()).status]).toEqual([201, 429])
    expect(server.engine.refusals.at(-1)).toMatchObject({
      request: { projectId: 9, shortToken: 'TOKE' },
      answer: { status: 429, reason: 'more than 1 requests a minute with this token' },
    })
  })

  it('an address too, whatever it asks for', async () => {
    await start({ requestsPerAddress: 2 }, '0.0.0.0')
    const statuses = []
    for (const path of ['/api/v4/user', '/', '/api/v4/user', '/', '/metrics'])
      statuses.push((await sendFrom(host, path, {})).status)
    expect(statuses).toEqual([401, 401, 429, 429, 429])
  })
})

it('from loopback nothing is counted', async () => {
  await start({ requestsPerToken: 1, requestsPerAddress: 1 })
  const statuses = []
  for (let n = 0; n < 4; n++) statuses.push((await server.get('/version')).status)
  expect(statuses).toEqual([200, 200, 200, 200])
})

describe('behind a proxy on this machine', () => {
  const ask = (forwarded: string, path = '/version'): Promise<Received> =>
    server.send(`/api/v4${path}`, {
      headers: { 'PRIVATE-TOKEN': ACCESS_TOKEN, 'X-Forwarded-For': forwarded },
    })

  it('the sender that the proxy names last is counted', async () => {
    await start({ requestsPerAddress: 2 })
    const statuses = []
    for (const sender of ['203.0.113.7', '10.0.0.1, 203.0.113.7', '127.0.0.1, 203.0.113.7', '203.0.113.8'])
      statuses.push((await ask(sender)).status)
    expect(statuses).toEqual([200, 200, 429, 200])
  })

  it('its token too, and nothing of this machine', async () => {
    await start({ requestsPerToken: 1 })
    expect([(await ask('203.0.113.7')).status, (await ask('203.0.113.8')).status]).toEqual([200, 429])
    expect((await ask('127.0.0.1')).status).toBe(200)
    expect((await server.get('/version')).status).toBe(200)
  })
})

describe('sizes', () => {
  const path = '/api/v4/projects/9/trigger/pipeline'

  it('a body over the limit: 413 as JSON, and a record', async () => {
    await start({ bodyBytes: 1000 })
    const received = await server.send(
      path,
      form({ token: TRIGGER_TOKEN, ref: 'main', 'variables[A]': 'x'.repeat(1000) }),
    )
    expect([received.status, received.headers['content-type'], received.text]).toEqual([
      413,
      'application/json',
      '{"message":"413 Request Entity Too Large"}',
    ])
    expect(server.engine.refusals.at(-1)?.answer.reason).toBe('the body is too large')
  })

  it.each([
    ['parameters', { parameters: 3 }, form({ a: '1', b: '2', c: '3', d: '4' })],
    ['depth of brackets', { parameterDepth: 2 }, form({ 'a[b][c][d]': '1' })],
    ['depth of JSON', { parameterDepth: 2 }, jsonBody({ a: { b: { c: {} } } })],
  ])('too much %s: 400', async (_what, limits, sent) => {
    await start(limits)
    expect((await server.send(path, sent)).status).toBe(400)
  })
})

describe('slow senders', () => {
  it('are answered 408 and closed within the limit and a second; others are not kept waiting', async () => {
    await start({ requestSeconds: 1 })
    const begun = performance.now()
    const slow = ['/api/v4/projects/9/trigger/pipeline', '/nowhere'].map(
      (path) =>
        new Promise<{ heard: string; after: number }>((resolve) => {
          const socket = connect(server.port, '127.0.0.1', () => {
            socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nto`)
          })
          const drip = setInterval(() => socket.write('x'), 100)
          let heard = ''
          socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
          socket.on('error', () => {})
          socket.on('close', () => {
            clearInterval(drip)
            resolve({ heard, after: performance.now() - begun })
          })
        }),
    )
    expect((await server.get('/version')).status).toBe(200)
    const [trigger, nowhere] = await Promise.all(slow)
    expect(trigger?.heard).toMatch(/^HTTP\/1\.1 408 /)
    expect(trigger?.heard).toContain('{"message":"408 Request Timeout"}')
    for (const each of [trigger, nowhere]) expect(each?.after).toBeLessThan(2000)
  })
})
