import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { form, jsonBody, type Sent } from '../support/request.ts'
import { startServer, TRIGGER_TOKEN as T, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.engine.commands.length = 0
})

const multipart = (fields: readonly (readonly [string, string])[]): Sent => ({
  headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  body:
    fields
      .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join('') + '--b--\r\n',
})

it.each<[string, string, Sent, string]>([
  [
    'a form',
    '/projects/9/trigger/pipeline',
    form({ token: T, ref: 'master' }),
    '{"ref":"master","id":"9","variables":{}}',
  ],
  [
    'a form with a variable',
    '/projects/9/trigger/pipeline',
    form({ token: T, ref: 'm', 'variables[A]': 'b' }),
    '{"ref":"m","variables":{"A":"b"},"id":"9"}',
  ],
  [
    'query and body',
    `/projects/9/trigger/pipeline?token=${T}&ref=q`,
    form({ ref: 'b', 'variables[A]': '1', extra: 'z' }),
    '{"ref":"b","variables":{"A":"1"},"extra":"z","id":"9"}',
  ],
  [
    'a web hook',
    `/projects/9/ref/master/trigger/pipeline?token=${T}`,
    jsonBody({ ref: 'refs/heads/o', object_kind: 'push', n: { a: [1] } }),
    '{"ref":"master","object_kind":"push","n":{"a":[1]},"id":"9","variables":{}}',
  ],
  [
    'a web hook with names in the path',
    `/projects/fixtures%2Fupload-to-s3/ref/feature%2Fx/trigger/pipeline?token=${T}`,
    jsonBody({}),
    '{"id":"fixtures/upload-to-s3","ref":"feature/x","variables":{}}',
  ],
  [
    'multipart',
    '/projects/9/trigger/pipeline',
    multipart([
      ['token', T],
      ['ref', 'm'],
      ['variables[A]', 'one\ntwo'],
    ]),
    '{"ref":"m","variables":{"A":"one\\ntwo"},"id":"9"}',
  ],
  [
    'a token in query and body',
    `/projects/9/trigger/pipeline?token=other&ref=m`,
    form({ token: T }),
    '{"ref":"m","id":"9","variables":{}}',
  ],
  [
    'a repeated key',
    '/projects/9/trigger/pipeline',
    { ...form({}), body: `token=${T}&ref=a&x=1&ref=b` },
    '{"ref":"b","x":"1","id":"9","variables":{}}',
  ],
  [
    'a number as ref',
    '/projects/9/trigger/pipeline',
    jsonBody({ token: T, ref: 5 }),
    '{"ref":"5","id":"9","variables":{}}',
  ],
  [
    'variables that are null',
    '/projects/9/trigger/pipeline',
    jsonBody({ variables: null, token: T, ref: 'm' }),
    '{"variables":{},"ref":"m","id":"9"}',
  ],
  [
    'an id in the body',
    '/projects/9/trigger/pipeline',
    jsonBody({ id: 10, token: T, ref: 'm' }),
    '{"id":"9","ref":"m","variables":{}}',
  ],
  [
    'the suffix .json',
    '/projects/9/trigger/pipeline.json',
    form({ token: T, ref: 'm' }),
    '{"ref":"m","id":"9","format":"json","variables":{}}',
  ],
  [
    'numbers and names as they were written',
    '/projects/9/trigger/pipeline',
    {
      ...jsonBody({}),
      body: `{"token":"${T}","ref":"m","b":12345678901234567890,"2":1.50,"1":[true,null,{}],"é":"\\u00e9\\/\\ud83d\\ude00"}`,
    },
    '{"ref":"m","b":12345678901234567890,"2":1.50,"1":[true,null,{}],"é":"é/😀","id":"9","variables":{}}',
  ],
  [
    'a file beside the fields',
    '/projects/9/trigger/pipeline',
    {
      headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
      body: `--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n${T}\r\n--b\r\nContent-Disposition: form-data; name="ref"\r\n\r\nm\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\nbytes\r\n--b\r\nContent-Disposition: form-data; name="none"; filename=""\r\n\r\n\r\n--b--\r\n`,
    },
    '{"ref":"m","f":{"filename":"x.txt"},"id":"9","variables":{}}',
  ],
])('%s', async (_what, path, sent, payload) => {
  const received = await server.send(`/api/v4${path}`, { method: 'POST', ...sent })
  expect(received.status).toBe(201)
  const last = server.engine.commands[0]?.variables.at(-1)
  expect(last).toEqual({
    key: 'TRIGGER_PAYLOAD',
    value: payload,
    file: true,
    raw: false,
    masked: false,
    origin: 'trigger',
  })
  expect(last?.value).not.toContain(T)
})
