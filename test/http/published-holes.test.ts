import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { form, jsonBody, type Received, type Sent } from './support/request.ts'
import { addJob, addPipeline, runJob } from './support/rows.ts'
import {
  ACCESS_TOKEN,
  DEVELOPER_TOKEN,
  FOREIGN_TRIGGER_TOKEN,
  startServer,
  TRIGGER_TOKEN,
  type TestServer,
} from './support/server.ts'

// What went wrong in other CI servers' trigger listeners and web hooks, asked of this one.

let server: TestServer
beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.close())

const PATH = '/api/v4/projects/9/trigger/pipeline'
const NOT_FOUND = [404, '{"message":"404 Not Found"}']
const answer = ({ status, text }: Received): [number, string] => [status, text]

describe('CVE-2022-36883 (Jenkins git): a hook without a token starts builds', () => {
  it.each([
    ['POST', PATH],
    ['POST', '/api/v4/projects/9/ref/main/trigger/pipeline'],
    ['POST', '/api/v4/projects/9/pipeline'],
    ['POST', '/api/v4/projects/9/triggers'],
    ['POST', '/api/v4/projects/9/trigger_requests/1/replay'],
    ['POST', '/api/v4/users'],
    ['POST', '/api/v4/users/1/personal_access_tokens'],
    ['POST', '/git/notifyCommit?url=/srv/a'],
    ['POST', '/'],
  ])('%s %s starts nothing', async (method, path) => {
    const hook = jsonBody({
      ref: 'refs/heads/main',
      repository: { url: '/srv/a' },
      name: 'x',
      scopes: ['api'],
    })
    const received = await server.send(path, { ...hook, method })
    expect([400, 401, 403, 404]).toContain(received.status)
    expect(server.engine.commands).toEqual([])
  })
})

describe('CVE-2024-5655, -6385, -9164 (GitLab): pipelines as another user, or of another project', () => {
  it('a token of another project is unknown', async () => {
    expect(answer(await server.send(PATH, form({ token: FOREIGN_TRIGGER_TOKEN, ref: 'main' })))).toEqual(
      NOT_FOUND,
    )
    expect(server.engine.refusals.at(-1)?.answer.reason).toBe('token belongs to project 10')
  })

  it('no parameter and no header chooses the user', async () => {
    const sent = form({ token: TRIGGER_TOKEN, ref: 'main', user_id: '2', sudo: 'dev', owner: 'dev' })
    const received = await server.send(PATH, {
      ...sent,
      headers: { ...sent.headers, 'PRIVATE-TOKEN': DEVELOPER_TOKEN, Sudo: 'dev', 'JOB-TOKEN': 'x' },
    })
    expect(received.status).toBe(201)
    expect(server.engine.commands[0]?.userId).toBe(1)
  })

  it("a job's token speaks for its job's user, and only while the job runs", async () => {
    const pipelineId = addPipeline(server.store, { userId: server.developer })
    const jobId = addJob(server.store, { pipelineId })
    server.store.jobs.giveToken(jobId, 'glcbt-64_x')
    const post = (): Promise<Received> => server.send(PATH, form({ token: 'glcbt-64_x', ref: 'main' }))
    expect(answer(await post())).toEqual([401, '{"message":"Job is not running"}'])
    runJob(server.store, jobId, 'running', { queued: 1, started: 2 })
    expect((await post()).status).toBe(201)
    expect(server.engine.commands[0]?.userId).toBe(server.developer)
    server.store.jobs.setStatus({ id: jobId, from: 'running', to: 'failed', now: 3 })
    expect((await post()).status).toBe(401)
  })

  it('a trigger whose owner is blocked runs as a blocked user, which the engine refuses', async () => {
    server.engine.users.setBlocked(server.developer, true)
    expect(server.store.users.roleIn(9, server.developer)).toBeUndefined()
  })
})

describe('CVE-2026-58370 (Woodpecker): a name in the payload decides', () => {
  it('the payload is a file, and nothing more', async () => {
    const hook = jsonBody({
      ref: 'refs/heads/main',
      user_username: 'root',
      user_id: 1,
      sender: { login: 'root', site_admin: true },
      commits: [{ author: { name: 'Administrator', email: 'root@example.com' } }],
      project_id: 10,
      trigger_id: 1,
      checkout_sha: 'f'.repeat(40),
    })
    expect((await server.send(`${PATH}?token=0123456789abcdef0123456789abcd`, hook)).status).toBe(201)
    expect(server.engine.commands[0]).toMatchObject({
      projectId: 9,
      userId: null,
      triggerId: server.triggers.legacy,
      checkout: { kind: 'ref', ref: 'refs/heads/main' },
    })
    expect(server.engine.commands[0]?.variables.map(({ key }) => key)).toEqual(['TRIGGER_PAYLOAD'])
  })
})

describe('CVE-2022-43411, -43412 (Jenkins): a token is compared until it differs', () => {
  it('tokens are found by a keyed hash: a prefix of one is as wrong as any text', async () => {
    for (const token of [
      TRIGGER_TOKEN.slice(0, -1),
      `${TRIGGER_TOKEN}x`,
      TRIGGER_TOKEN.toLowerCase(),
      '',
      ' ',
      "' or 1=1",
    ])
      expect(answer(await server.send(PATH, form({ token, ref: 'main' })))).toEqual(NOT_FOUND)
  })
})

describe('CVE-2022-39321 (GitHub runner), CVE-2018-17456 (git): a value becomes an option or a command', () => {
  it.each([
    '"; touch /tmp/x; "',
    '--privileged',
    '$(id)',
    '`id`',
    'a\nb',
    '\u{1f4a5}',
    '%00',
    '../../etc/passwd',
  ])('the value %j reaches the engine as it is', async (value) => {
    expect(
      (await server.send(PATH, form({ token: TRIGGER_TOKEN, ref: 'main', 'variables[A]': value }))).status,
    ).toBe(201)
    expect(server.engine.commands[0]?.variables[0]).toMatchObject({ key: 'A', value })
  })

  it.each([
    '--upload-pack=touch /tmp/x',
    '-x',
    '$(id)',
    'refs/heads/../../x',
    'main\n--output=x',
    'a..b',
    '@{u}',
    'HEAD',
  ])('the ref %j is handed on as a ref, never as words of a command', async (ref) => {
    await server.send(PATH, form({ token: TRIGGER_TOKEN, ref }))
    expect(server.engine.commands[0]?.checkout).toEqual({ kind: 'ref', ref })
  })

  it('NUL is refused', async () => {
    const received = await server.send(
      PATH,
      jsonBody({ token: TRIGGER_TOKEN, ref: 'main', variables: { A: '\0' } }),
    )
    expect([received.status, server.engine.commands]).toEqual([400, []])
  })
})

describe('CVE-2025-47944, -7338 (multer), CVE-2022-24434 (dicer): a malformed multipart request ends the process', () => {
  const boundary = 'multipart/form-data; boundary=x'
  it.each<[string, string, string]>([
    ['no boundary', 'multipart/form-data', '--x\r\n'],
    ['no end', boundary, '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'],
    ['no name', boundary, '--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n'],
    ['an empty name', boundary, '--x\r\nContent-Disposition: form-data; name=""\r\n\r\n1\r\n--x--\r\n'],
    ['a broken head', boundary, '--x\r\n: : :\r\n\r\n\r\n--x--\r\n'],
    ['only dashes', boundary, '--x----x----x--'],
    [
      'a long name',
      boundary,
      `--x\r\nContent-Disposition: form-data; name="${'n'.repeat(5000)}"\r\n\r\n1\r\n--x--\r\n`,
    ],
    [
      'a prototype',
      boundary,
      '--x\r\nContent-Disposition: form-data; name="__proto__[x]"\r\n\r\n1\r\n--x--\r\n',
    ],
    [
      'a file',
      boundary,
      '--x\r\nContent-Disposition: form-data; name="token"; filename="a"\r\n\r\n1\r\n--x--\r\n',
    ],
    [
      'a file that breaks off',
      boundary,
      '--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n1',
    ],
    [
      'an odd encoding',
      boundary,
      '--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: x\r\n\r\n\xff\r\n--x--\r\n',
    ],
  ])('%s', async (_what, type, body) => {
    const sent: Sent = {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: Buffer.from(body, 'latin1'),
    }
    expect((await server.send(PATH, sent)).status).toBe(400)
    expect((await server.get('/version')).status).toBe(200)
    expect(Object.prototype).not.toHaveProperty('x')
  })
})

describe('CVE-2025-24010 (Vite), CVE-2025-66414 (MCP): a page of another site asks', () => {
  it.each([
    ['another host', { Host: 'evil.example' }, 421],
    ['another origin', { Origin: 'http://evil.example', 'Sec-Fetch-Site': 'cross-site' }, 403],
  ])('the page of %s cannot log in', async (_what, headers, status) => {
    const sent = form({ access_token: ACCESS_TOKEN })
    expect((await server.send('/login', { ...sent, headers: { ...sent.headers, ...headers } })).status).toBe(
      status,
    )
  })

  it("a token in the browser's hands does not help it to write over the API", async () => {
    const sent = form({ description: 'x', private_token: ACCESS_TOKEN })
    const received = await server.send('/api/v4/projects/9/triggers', {
      ...sent,
      headers: { ...sent.headers, Origin: 'http://evil.example' },
    })
    expect(answer(received)).toEqual([403, '{"message":"403 Forbidden"}'])
    expect(received.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('no cookie opens a trigger route or the API', async () => {
    const link = new URL(server.loginLink())
    const opened = await server.send(link.pathname)
    const cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect(cookie).not.toBe('')
    const sent = form({ ref: 'main' })
    const trigger = await server.send(PATH, { ...sent, headers: { ...sent.headers, Cookie: cookie } })
    expect(answer(trigger)).toEqual([400, '{"error":"token is missing"}'])
    expect((await server.send('/api/v4/user', { headers: { Cookie: cookie } })).status).toBe(401)
  })
})

describe('many at once', () => {
  it('50 triggers give 50 pipelines with numbers without a gap', async () => {
    const sent = form({ token: TRIGGER_TOKEN, ref: 'main' })
    const answers = await Promise.all(Array.from({ length: 50 }, () => server.send(PATH, sent)))
    const made = answers.map((each) => JSON.parse(each.text) as { id: number; iid: number })
    expect(new Set(made.map(({ id }) => id)).size).toBe(50)
    expect(made.map(({ iid }) => iid).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, n) => n + 1),
    )
  })
})
