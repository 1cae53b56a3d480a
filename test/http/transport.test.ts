import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACCESS_TOKEN, startServer, TRIGGER_TOKEN, type TestServer } from './support/server.ts'
import { form, jsonBody, type Sent } from './support/request.ts'
import { addPipeline } from './support/rows.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  addPipeline(server.store)
})
afterAll(() => server.close())

const UNKNOWN = '{"error":"404 Not Found"}'
const INVALID_JSON =
  '{"error":"\\nProblem:\\n  message body does not match declared format\\nResolution:\\n  when specifying application/json as content-type, you must pass valid application/json in the request\'s \'body\' "}'

describe('routing', () => {
  it.each([
    ['an unknown path', 'GET', '/api/v4/nothing', 404, UNKNOWN],
    ['a known path with another method', 'PUT', '/api/v4/projects/9/pipelines', 404, UNKNOWN],
    ['GET on the trigger path', 'GET', '/api/v4/projects/9/trigger/pipeline', 404, UNKNOWN],
    ['another case', 'GET', '/api/v4/PROJECTS', 404, UNKNOWN],
    ['nothing below /api', 'GET', '/api', 404, UNKNOWN],
    [
      'version 3',
      'GET',
      '/api/v3/projects',
      410,
      '{"error":"API V3 is no longer supported. Use API V4 instead."}',
    ],
    [
      'version 3, POST',
      'POST',
      '/api/v3/projects/9/trigger/builds',
      410,
      '{"error":"API V3 is no longer supported. Use API V4 instead."}',
    ],
    [
      'a percent escape that is none',
      'GET',
      '/api/v4/projects/%E0%A4%A',
      400,
      '{"message":"400 Bad request"}',
    ],
    [
      'a percent escape that is not UTF-8',
      'GET',
      '/api/v4/projects/%ff',
      400,
      '{"message":"400 Bad request"}',
    ],
    [
      'a bare project name',
      'GET',
      '/api/v4/projects/upload-to-s3',
      404,
      '{"message":"404 Project Not Found"}',
    ],
  ])('%s', async (_what, method, path, status, body) => {
    const received = await server.send(path, { method, headers: { 'PRIVATE-TOKEN': ACCESS_TOKEN } })
    expect([received.status, received.headers['content-type'], received.text]).toEqual([
      status,
      'application/json',
      body,
    ])
  })

  it.each([
    ['number', '/projects/9'],
    ['full path', '/projects/fixtures%2Fupload-to-s3'],
    ['slash at the end', '/projects/9/'],
    ['.json', '/projects/9.json'],
    ['doubled slash', '//projects//9'],
  ])('finds a project by %s', async (_what, path) => {
    const received = await server.get(path)
    expect(received.status).toBe(200)
    expect(received.text).toMatch(/^\{"id":9,"description":null,"name":"upload-to-s3",/)
  })

  it('tolerates a host that ends in a slash', async () => {
    const received = await server.send('//api/v4/projects/9', { headers: { 'PRIVATE-TOKEN': ACCESS_TOKEN } })
    expect(received.status).toBe(200)
  })

  it.each(['private-token', 'PRIVATE-TOKEN', 'Private-Token'])('reads the header %s', async (name) => {
    expect((await server.send('/api/v4/user', { headers: { [name]: ACCESS_TOKEN } })).status).toBe(200)
  })
})

describe('bodies', () => {
  const path = '/api/v4/projects/9/trigger/pipeline'
  const noRef = [400, '{"error":"ref is missing, ref is empty, token is missing"}'] as const
  const text = (contentType: string | undefined, body: string): Sent => ({
    method: 'POST',
    headers: contentType === undefined ? {} : { 'Content-Type': contentType },
    body,
  })

  it.each<[string, Sent, number, string]>([
    ['JSON that does not parse', text('application/json', '{"token":'), 400, INVALID_JSON],
    ['JSON that is not UTF-8', { ...jsonBody(0), body: Buffer.from([0x22, 0xff, 0x22]) }, 400, INVALID_JSON],
    [
      'JSON that is nested too deeply',
      text('application/json', '['.repeat(101) + ']'.repeat(101)),
      400,
      INVALID_JSON,
    ],
    ['a JSON number', text('application/json', '5'), ...noRef],
    ['a JSON list', text('application/json', '[1]'), ...noRef],
    ['empty JSON', text('application/json', ''), ...noRef],
    [
      'JSON with a charset',
      text('application/json; charset=utf-8', '{"ref":"main"}'),
      400,
      '{"error":"token is missing"}',
    ],
    [
      'another content type',
      text('text/plain', 'x'),
      415,
      `{"error":"The provided content-type 'text/plain' is not supported."}`,
    ],
    [
      'another content type with parameters',
      text('Text/XML; charset=utf-8', 'x'),
      415,
      `{"error":"The provided content-type 'text/xml' is not supported."}`,
    ],
    [
      'no content type',
      text(undefined, 'x'),
      415,
      `{"error":"The provided content-type '' is not supported."}`,
    ],
    ['another content type without a body', text('text/plain', ''), ...noRef],
    [
      'multipart without a boundary',
      text('multipart/form-data', 'x'),
      400,
      '{"message":"400 Bad request - multipart body without boundary"}',
    ],
    [
      'multipart that ends early',
      text('multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="ref"\r\n\r\nma'),
      400,
      '{"message":"400 Bad request - bad content body"}',
    ],
  ])('%s', async (_what, sent, status, body) => {
    const received = await server.send(path, sent)
    expect([received.status, received.headers['content-type'], received.text]).toEqual([
      status,
      'application/json',
      body,
    ])
  })

  it('over the limit: 413 as JSON, before the rest has come', async () => {
    const sent = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': String(26 * 1024 * 1024) },
      body: Buffer.alloc(26 * 1024 * 1024, 0x20),
    }
    const received = await server.send(path, sent)
    expect([received.status, received.text]).toEqual([413, '{"message":"413 Request Entity Too Large"}'])
  })

  it('over the limit in chunks: 413 as JSON', async () => {
    const sent = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' },
      body: Buffer.alloc(26 * 1024 * 1024, 0x20),
    }
    expect((await server.send(path, sent)).status).toBe(413)
  })

  it('a DELETE with a JSON body is read like a POST', async () => {
    const received = await server.send('/api/v4/projects/9/triggers/404', {
      method: 'DELETE',
      headers: { 'Content-Type': 'application/json' },
      body: `{"private_token":"${ACCESS_TOKEN}"}`,
    })
    expect([received.status, received.text]).toEqual([404, '{"message":"404 Not found"}'])
  })
})

describe('every answer', () => {
  it.each(['/api/v4/user', '/api/v4/nothing', '/', '/api/v4/projects/%ff'])(
    '%s carries the common headers',
    async (path) => {
      const { headers } = await server.send(path)
      expect(headers).toMatchObject({
        'x-frame-options': 'SAMEORIGIN',
        'x-content-type-options': 'nosniff',
        vary: 'Origin',
        'cache-control': 'max-age=0, private, must-revalidate',
        'x-runtime': '0.000000',
      })
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
      expect(headers['x-powered-by']).toBeUndefined()
      expect(headers['ratelimit-limit']).toBeUndefined()
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    },
  )

  it('has a weak ETag and is not repeated to whoever has it', async () => {
    const first = await server.get('/projects/9')
    expect(first.headers.etag).toMatch(/^W\/"[0-9a-f]{32}"$/)
    const second = await server.get('/projects/9', { 'If-None-Match': `"other", ${first.headers.etag}` })
    expect([second.status, second.text, second.headers['content-type']]).toEqual([304, '', undefined])
    expect(second.headers.etag).toBe(first.headers.etag)
    const third = await server.get('/projects/9', { 'If-None-Match': 'W/"0"' })
    expect(third.status).toBe(200)
  })

  it('HEAD is GET without a body', async () => {
    const got = await server.get('/projects/9')
    const head = await server.send('/api/v4/projects/9', {
      method: 'HEAD',
      headers: { 'PRIVATE-TOKEN': ACCESS_TOKEN },
    })
    expect([head.status, head.text, head.headers['content-length']]).toEqual([
      200,
      '',
      got.headers['content-length'],
    ])
  })
})

describe('Host', () => {
  it.each([
    ['localhost', 200],
    ['LOCALHOST:80', 200],
    ['localhost.', 200],
    ['127.0.0.1:1', 200],
    ['[::1]:8929', 200],
    ['evil.example', 200],
    ['192.168.1.5', 200],
  ])('%s: the API answers whoever has a token, %i', async (host, status) => {
    const received = await server.send('/api/v4/user', {
      headers: { Host: host, 'PRIVATE-TOKEN': ACCESS_TOKEN },
    })
    expect(received.status).toBe(status)
  })

  it.each([
    ['localhost', 401],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['192.168.1.5', 421],
  ])('%s: the pages, which a cookie opens, %i', async (host, status) => {
    expect((await server.send('/', { headers: { Host: host } })).status).toBe(status)
  })

  it('may be configured, with or without a port', async () => {
    const other = await startServer({ hosts: ['ci.example:8443'] })
    const received = await other.send('/api/v4/user', {
      headers: { Host: 'CI.example', 'PRIVATE-TOKEN': ACCESS_TOKEN },
    })
    await other.close()
    expect(received.status).toBe(200)
  })

  it('guards the pages too', async () => {
    expect((await server.send('/', { headers: { Host: 'evil.example' } })).status).toBe(421)
  })
})

describe('another site', () => {
  const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }

  it.each([
    ['a foreign origin', { Origin: 'https://evil.example' }, 403],
    ['an opaque origin', { Origin: 'null' }, 403],
    ['an opaque origin of another site', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['an opaque origin of a page of ours', { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }, 401],
    ['another port', { Origin: 'http://127.0.0.1:1', 'Sec-Fetch-Site': 'same-site' }, 403],
    ['no origin, cross-site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['nothing of a browser', {}, 401],
  ])('%s on a route that trusts cookies', async (_what, headers: Record<string, string>, status) => {
    const sent = form({ access_token: 'x' })
    expect((await server.send('/login', { ...sent, headers: { ...sent.headers, ...headers } })).status).toBe(
      status,
    )
  })

  it('may not change anything through the API', async () => {
    const received = await server.send('/api/v4/projects/9/pipelines/1', {
      method: 'DELETE',
      headers: foreign,
    })
    expect([received.status, received.text]).toEqual([403, '{"message":"403 Forbidden"}'])
  })

  it('may trigger: there only the token counts', async () => {
    const sent = form({ token: TRIGGER_TOKEN, ref: 'main' })
    const received = await server.send('/api/v4/projects/9/trigger/pipeline', {
      ...sent,
      headers: { ...sent.headers, ...foreign },
    })
    expect(received.status).toBe(201)
  })
})

describe('the log', () => {
  it('has one record for each request and no secret', async () => {
    server.logged.length = 0
    await server.send(`/api/v4/projects/9/ref/main/trigger/pipeline?token=${TRIGGER_TOKEN}`, {
      method: 'POST',
    })
    await server.send(`/api/v4/user?private_token=${ACCESS_TOKEN}`)
    await server.send('/login/verysecret')
    await expect.poll(() => server.logged.length).toBe(3)
    expect(
      server.logged.map(({ method, path, status, remote_address: from }) => [method, path, status, from]),
    ).toEqual([
      ['POST', '/api/v4/projects/9/ref/main/trigger/pipeline?[redacted]', 201, '127.0.0.1'],
      ['GET', '/api/v4/user?[redacted]', 200, '127.0.0.1'],
      ['GET', '/login/[redacted]', 401, '127.0.0.1'],
    ])
    expect(JSON.stringify(server.logged)).not.toMatch(/TOKENof|AccessTokenOfRoot|verysecret/)
  })
})
