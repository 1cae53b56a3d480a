import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { variable } from '../../../src/model/variable.ts'
import { SCRIPT, SCRIPT_PATH } from '../../../src/http/web/live-script.ts'
import { STYLE, STYLE_PATH } from '../../../src/http/web/style.ts'
import { form } from '../support/request.ts'
import { addJob, addPipeline, CREATED_AT, runJob, SHA } from '../support/rows.ts'
import {
  ACCESS_TOKEN,
  DEVELOPER_TOKEN,
  READ_TOKEN,
  startServer,
  TRIGGER_TOKEN,
  type TestServer,
} from '../support/server.ts'

let server: TestServer
let cookie: string
let triggered: number
let job: number

/** What a person reads: no tags, entities resolved, white space joined. */
function textOf(html: string): string {
  return html
    .replace(/<(style|title)[^>]*>.*?<\/\1>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(
      /&(lt|gt|quot|amp|#39);/g,
      (_all, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[name] ?? "'",
    )
    .replace(/\s+/g, ' ')
}

const page = (path: string, session = cookie) => server.send(path, { headers: { Cookie: session } })
const sessionOf = (header: string | string[] | undefined): string => String(header).split(';')[0] ?? ''

beforeAll(async () => {
  server = await startServer()
  const link = server.loginLink()
  const login = await server.send(link.slice(server.url.length))
  cookie = sessionOf(login.headers['set-cookie'])
  const received = await server.send('/api/v4/projects/9/trigger/pipeline', {
    ...form({
      token: TRIGGER_TOKEN,
      ref: 'main',
      'variables[UPLOAD_TO_S3]': 'true',
      'variables[API_TOKEN]': 'hush-hush',
      'variables[MARKUP]': '<b>&"x"',
    }),
  })
  triggered = (JSON.parse(received.text) as { id: number }).id
  job = addJob(server.store, { pipelineId: triggered, name: 'run_tests' })
  addJob(server.store, { pipelineId: triggered, name: 'upload_package', stage: 'package', stageIndex: 3 })
  runJob(server.store, job, 'failed', {
    queued: CREATED_AT,
    started: CREATED_AT + 1000,
    finished: CREATED_AT + 3400,
  })
  const file = server.store.traces.append(server.store.traces.pathOf({ id: job, createdAt: CREATED_AT }))
  await file.write(
    Buffer.from(
      '\u001B[32;1m$ make test\u001B[0;m\n<script>alert(1)</script>\n\u001B[38;2;255;136;0morange\u001B[0m\n',
    ),
  )
  await file.close()
})
afterAll(() => server.close())

describe('without a session', () => {
  it.each([
    '/',
    '/fixtures/upload-to-s3/-/pipelines/1',
    '/fixtures/upload-to-s3/-/jobs/1',
    '/fixtures/upload-to-s3/-/jobs/1/raw',
    '/nothing',
  ])('%s says how to get one', async (path) => {
    const received = await server.send(path)
    expect([received.status, received.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8'])
    expect(textOf(received.text)).toContain(
      'Open the one-time link that sluice serve printed when it started',
    )
    expect(received.text).toContain(`<input type="hidden" name="to" value="${path}"/>`)
  })

  it.each(['sluice_session=x', 'other=1', `sluice_session_1=${'x'.repeat(43)}`])(
    'the cookie %s is none',
    async (wrong) => {
      expect((await page('/', wrong)).status).toBe(401)
    },
  )

  it('gives out the script, for ever, and it is small', async () => {
    const received = await server.send(SCRIPT_PATH)
    expect([
      received.status,
      received.headers['content-type'],
      received.headers['cache-control'],
      received.text,
    ]).toEqual([200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable', SCRIPT])
    expect(Buffer.byteLength(SCRIPT)).toBeLessThan(10_000)
  })

  it('shows the style sheet, for ever', async () => {
    const received = await server.send(STYLE_PATH)
    expect([
      received.status,
      received.headers['content-type'],
      received.headers['cache-control'],
      received.text,
    ]).toEqual([200, 'text/css; charset=utf-8', 'public, max-age=31536000, immutable', STYLE])
  })
})

describe('logging in', () => {
  it('by the link: once, with a cookie that no script and no other site can use', async () => {
    const link = server.loginLink()
    expect(link).toMatch(new RegExp(`^${server.url}/login/[\\w-]{43}$`))
    const path = link.slice(server.url.length)
    expect((await server.send(path, { method: 'HEAD' })).status).toBe(401)
    const first = await server.send(path)
    expect([first.status, first.headers.location]).toEqual([303, '/'])
    expect(String(first.headers['set-cookie'])).toMatch(
      new RegExp(
        `^sluice_session_${server.port}=[\\w-]{43}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict$`,
      ),
    )
    expect((await page('/', sessionOf(first.headers['set-cookie']))).status).toBe(200)
    const second = await server.send(path)
    expect([second.status, second.headers['set-cookie']]).toEqual([401, undefined])
    expect(textOf(second.text)).toContain('This link has been used')
  })

  it('by a link that is older than a day: no', async () => {
    const path = server.loginLink().slice(server.url.length)
    server.clock.time += 24 * 3600_000
    const received = await server.send(path)
    server.clock.time -= 24 * 3600_000
    expect(received.status).toBe(401)
  })

  it('a session ends after 30 days', async () => {
    const login = await server.send(server.loginLink().slice(server.url.length))
    server.clock.time += 30 * 24 * 3600_000
    const received = await page('/', sessionOf(login.headers['set-cookie']))
    server.clock.time -= 30 * 24 * 3600_000
    expect(received.status).toBe(401)
  })

  it.each([
    ['a good token', ACCESS_TOKEN, '/fixtures/upload-to-s3/-/jobs/1', 303, '/fixtures/upload-to-s3/-/jobs/1'],
    ['white space around it', ` ${ACCESS_TOKEN}\n`, '/', 303, '/'],
    ['another site to go to', ACCESS_TOKEN, '//evil.example/', 303, '/'],
    ['another site, written cunningly', ACCESS_TOKEN, '/\\evil.example', 303, '/'],
    ['an address to go to', ACCESS_TOKEN, 'https://evil.example', 303, '/'],
    ['a header in the path', ACCESS_TOKEN, '/\r\nX: y', 303, '/'],
    ['a wrong token', 'glpat-x', '/', 401, undefined],
    ['a token that may only read', READ_TOKEN, '/', 401, undefined],
    ['a trigger token', TRIGGER_TOKEN, '/', 401, undefined],
  ])('by an access token: %s', async (_what, token, to, status, location) => {
    const received = await server.send('/login', form({ access_token: token, to }))
    expect([received.status, received.headers.location]).toEqual([status, location])
    expect(received.headers['set-cookie'] === undefined).toBe(status !== 303)
  })

  it('a member sees his projects only', async () => {
    const login = await server.send('/login', form({ access_token: DEVELOPER_TOKEN, to: '/' }))
    const session = sessionOf(login.headers['set-cookie'])
    const start = textOf((await page('/', session)).text)
    expect(start).toContain('fixtures/upload-to-s3')
    expect(start).not.toContain('group/app')
    const foreign = addPipeline(server.store, { projectId: 10 })
    expect((await page(`/group/app/-/pipelines/${foreign}`, session)).status).toBe(404)
    expect((await page(`/group/app/-/pipelines/${foreign}`)).status).toBe(200)
  })
})

describe('every page', () => {
  it.each([
    ['/', 200],
    ['/fixtures/upload-to-s3/-/pipelines/TRIGGERED', 200],
    ['/fixtures/upload-to-s3/-/jobs/JOB', 200],
    ['/nothing', 404],
  ])('%s is a whole page without script', async (path, status) => {
    const received = await page(path.replace('TRIGGERED', String(triggered)).replace('JOB', String(job)))
    expect([received.status, received.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8'])
    // The one script is a file of ours; a page does without it.
    const text = received.text.replace(`<script src="${SCRIPT_PATH}" defer></script>`, '')
    expect(text).toMatch(/^<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"\/>/)
    expect(text).not.toMatch(/<script|\son\w+=|javascript:|\sstyle=/i)
    expect(text.match(/<h1[ >]/g)).toHaveLength(1)
    expect(text.match(/<main[ >]/g)).toHaveLength(1)
    expect(text.match(/<header[ >]/g)).toHaveLength(1)
    expect(text).toMatch(/<title>[^<]+ · Sluice<\/title>/)
    expect((text.match(/<th(?=[ >])/g) ?? []).length).toBe(
      (text.match(/<th scope="(?:col|row)"/g) ?? []).length,
    )
    const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, id] of text.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(id)
    expect(received.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'(?: 'nonce-[\w-]{22}')?; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    )
    expect(received.headers['referrer-policy']).toBe('no-referrer')
  })
})

describe('the start page', () => {
  it('lists projects with their newest pipelines, or how to start one', async () => {
    const other = await startServer()
    const login = await other.send(other.loginLink().slice(other.url.length))
    addPipeline(other.store, { status: 'success', ref: 'feature/x' })
    const { text } = await other.send('/', { headers: { Cookie: sessionOf(login.headers['set-cookie']) } })
    await other.close()
    expect(textOf(text)).toMatch(
      /fixtures\/upload-to-s3 .* passed #1 feature\/x 384c444e trigger 2016-11-04 09:36:13 UTC/,
    )
    expect(textOf(text)).toContain(
      `curl --request POST --form token=TOKEN --form ref=main ${other.url}/api/v4/projects/10/trigger/pipeline`,
    )
  })
})

describe('a pipeline’s page', () => {
  const read = async (id: number) => (await page(`/fixtures/upload-to-s3/-/pipelines/${id}`)).text

  it('says what, why, of what and with what', async () => {
    const html = await read(triggered)
    const text = textOf(html)
    expect(text).toContain(`Pipeline #${triggered} ○ created`)
    expect(text).toContain(
      'Triggered by "seed document" (TOKE) from 127.0.0.1, urlencoded form, 2016-11-04 09:36:13 UTC, as Administrator.',
    )
    expect(text).toContain('Branch main Commit 384c444e Add the upload Author Ann')
    expect(text).toContain('UPLOAD_TO_S3 true trigger')
    expect(text).toContain('API_TOKEN hidden (its name is that of a secret) trigger')
    expect(text).toContain('MARKUP <b>&"x" trigger')
    expect(text).toMatch(
      /TRIGGER_PAYLOAD file, \d+ bytes \{ "ref": "main", "variables": \{ "UPLOAD_TO_S3": "true", "API_TOKEN": "\[hidden\]"/,
    )
    expect(html).not.toContain('hush-hush')
    expect(html).not.toContain(TRIGGER_TOKEN)
    expect(html).not.toContain('<b>')
  })

  it('has its jobs by stage, with links', async () => {
    const html = await read(triggered)
    expect(textOf(html)).toMatch(
      /test ✖ failed .* ✖ failed run_tests 2\.4 s script failure; exit code 2 Retry package ○ created .* upload_package/,
    )
    expect(html).toContain(`<a href="/fixtures/upload-to-s3/-/jobs/${job}">run_tests</a>`)
  })

  it('loads itself again until it is over', async () => {
    const over = addPipeline(server.store, { status: 'success' })
    expect(await read(triggered)).toContain('<meta http-equiv="refresh" content="2"/>')
    const html = await read(over)
    expect(html).not.toContain('http-equiv')
    expect(textOf(html)).toContain(`Pipeline #${over} ✔ passed`)
  })

  it('shows what is wrong with the configuration', async () => {
    const broken = addPipeline(server.store, { status: 'failed', configError: 'jobs:<x> config & "y"' })
    expect(await read(broken)).toContain('<pre class="error">jobs:&lt;x> config &amp; &quot;y&quot;</pre>')
  })

  it('names the jobs that are left out, and why', async () => {
    const id = addPipeline(server.store)
    const location = { file: '.gitlab-ci.yml', line: 1, column: 1, endLine: 1, endColumn: 2 }
    const verdict = { stage: 'deploy', steps: [], location }
    server.store.configs.add(
      id,
      {
        workflow: [],
        jobs: [
          { job: 'in_job', in: true, because: 'always', ...verdict },
          { job: 'build_docs', in: false, because: 'only: tags — "main" is a branch', ...verdict },
        ],
      },
      { predefined: [], user: [], project: [] },
    )
    const text = textOf(await read(id))
    expect(text).toContain('1 job is not in this pipeline')
    expect(text).toContain('build_docs deploy only: tags — "main" is a branch')
    expect(text).toContain('Why each of 1 jobs is in this pipeline Job Stage Because in_job deploy always')
  })

  it('links to earlier attempts', async () => {
    const id = addPipeline(server.store)
    const first = addJob(server.store, { pipelineId: id, name: 'flaky' })
    addJob(server.store, { pipelineId: id, name: 'flaky', attempt: 2 })
    server.store.jobs.markRetried(first)
    const html = await read(id)
    expect(html).toContain(`<a href="/fixtures/upload-to-s3/-/jobs/${first}">attempt 1</a>`)
    expect(html.match(/>flaky</g)).toHaveLength(1)
  })

  it.each([
    '/fixtures/upload-to-s3/-/pipelines/999999',
    '/fixtures/upload-to-s3/-/pipelines/abc',
    '/none/such/-/pipelines/1',
    '/upload-to-s3/-/pipelines/1',
  ])('%s is not there', async (path) => {
    expect((await page(path)).status).toBe(404)
  })
})

describe('a job’s page', () => {
  it('says how it ended, what started it, and its log', async () => {
    const received = await page(`/fixtures/upload-to-s3/-/jobs/${job}`)
    const text = textOf(received.text)
    expect(text).toContain('run_tests ✖ failed triggered')
    expect(text).toContain(`Exit code 2 Failure reason script_failure Stage test Pipeline #${triggered}`)
    expect(text).toContain('Duration 2.4 s')
    expect(text).toContain('Token TOKE Description seed document')
    expect(text).toContain('UPLOAD_TO_S3 true trigger')
    expect(text).toContain('1 $ make test 2 <script>alert(1)</script> 3 orange')
    expect(received.text).not.toContain('hush-hush')
    expect(received.text).toContain('<span class="fg2 bold">$ make test</span>')
    const nonce = /<style nonce="([\w-]+)">\.fg-ff8800\{color:#ff8800\}<\/style>/.exec(received.text)?.[1]
    expect(received.headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`)
    expect(received.text).toContain(`<a href="/fixtures/upload-to-s3/-/jobs/${job}/raw">Raw log</a>`)
  })

  it('shows the isolation that held', async () => {
    server.store.jobs.recordProcess(job, {
      isolation: 'bubblewrap (user,pid,ipc,uts; network host)',
      pid: 1,
      pidStart: '1',
      bootId: 'x',
    })
    const received = await page(`/fixtures/upload-to-s3/-/jobs/${job}`)
    expect(textOf(received.text)).toContain('Isolation bubblewrap (user,pid,ipc,uts; network host)')
  })

  it('of a pipeline that nobody triggered has no mark', async () => {
    const id = addPipeline(server.store, { source: 'push' })
    const pushed = addJob(server.store, { pipelineId: id })
    const text = textOf((await page(`/fixtures/upload-to-s3/-/jobs/${pushed}`)).text)
    expect(text).not.toContain('triggered')
    expect(text).toContain('Started by a push, as Administrator.')
    expect(text).toContain('This job has not written anything yet.')
  })

  it('of a long log shows the end, and where the rest is', async () => {
    const id = addJob(server.store, { pipelineId: triggered, name: 'chatty' })
    const file = server.store.traces.append(server.store.traces.pathOf({ id, createdAt: CREATED_AT }))
    const line = `${'x'.repeat(199)}\n`
    await file.write(Buffer.from(`first line\n${line.repeat(15_000)}last line\n`))
    await file.close()
    const size = 11 + 200 * 15_000 + 10
    const { text } = await page(`/fixtures/upload-to-s3/-/jobs/${id}`)
    const shown = (text.match(/class="line"/g) ?? []).length
    expect(shown).toBe(Math.floor((2 * 1024 * 1024 - 10) / 200) + 1)
    expect(textOf(text)).toContain(
      `The last part of a log of ${size} bytes: ${size - (shown - 1) * 200 - 10} bytes at its begin are left out. The whole log`,
    )
    expect(text).toContain('<div class="line">last line</div>')
    expect(text).not.toContain('first line')
    expect(text).not.toContain('class="number"')
  })

  it('of very many lines shows the last 20,000', async () => {
    const id = addJob(server.store, { pipelineId: triggered, name: 'newlines' })
    const file = server.store.traces.append(server.store.traces.pathOf({ id, createdAt: CREATED_AT }))
    await file.write(Buffer.from('\n'.repeat(100_000)))
    await file.close()
    const { text } = await page(`/fixtures/upload-to-s3/-/jobs/${id}`)
    expect(text.match(/class="line"/g)).toHaveLength(20_000)
  })

  it('raw: text that can do nothing', async () => {
    const received = await page(`/fixtures/upload-to-s3/-/jobs/${job}/raw`)
    expect(received.text).toBe(
      '\u001B[32;1m$ make test\u001B[0;m\n<script>alert(1)</script>\n\u001B[38;2;255;136;0morange\u001B[0m\n',
    )
    expect(received.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    })
  })
})

it('a job that a variable describes shows its file’s content only when it is asked for', async () => {
  const id = addPipeline(server.store)
  server.store.pipelineVariables.add(id, [variable('NOTES', 'several\nlines', 'trigger', { file: true })])
  const { text } = await page(`/fixtures/upload-to-s3/-/pipelines/${id}`)
  expect(text).toContain('<details><summary>file, 13 bytes</summary><pre>several\nlines</pre></details>')
  expect(SHA).toHaveLength(40)
})
