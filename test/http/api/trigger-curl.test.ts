import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { addJob, addPipeline, runJob } from '../support/rows.ts'
import { startServer, TRIGGER_TOKEN as T, type TestServer } from '../support/server.ts'

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startServer()
  folder = mkdtempSync(join(tmpdir(), 'sluice-curl-'))
  writeFileSync(join(folder, 'push.json'), '{"object_kind":"push","ref":"refs/heads/main","commits":[]}')
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.close()
})
beforeEach(() => {
  server.engine.commands.length = 0
})

const JOB_TOKEN = 'glcbt-OfTheJobThatCalls'

/** Each as a person would type it, the words apart. U is the API's address. */
it.each<[string, readonly string[], { ref: string; form: string; keys: readonly string[]; source?: string }]>(
  [
    [
      'multipart',
      ['--form', `token=${T}`, '--form', 'ref=main', 'U/projects/9/trigger/pipeline'],
      { ref: 'main', form: 'multipart', keys: [] },
    ],
    [
      'multipart with a variable',
      [
        '--form',
        `token=${T}`,
        '--form',
        'ref=main',
        '--form',
        'variables[UPLOAD_TO_S3]=true',
        'U/projects/9/trigger/pipeline',
      ],
      { ref: 'main', form: 'multipart', keys: ['UPLOAD_TO_S3'] },
    ],
    [
      'query',
      [`U/projects/9/trigger/pipeline?token=${T}&ref=main`],
      { ref: 'main', form: 'query', keys: [] },
    ],
    [
      'query with a variable',
      ['-g', `U/projects/9/trigger/pipeline?token=${T}&ref=main&variables[A]=b`],
      { ref: 'main', form: 'query', keys: ['A'] },
    ],
    [
      'urlencoded',
      [
        '-d',
        `token=${T}`,
        '-d',
        'ref=main',
        '-d',
        'variables[A]=b',
        'U/projects/fixtures%2Fupload-to-s3/trigger/pipeline',
      ],
      { ref: 'main', form: 'urlencoded', keys: ['A'] },
    ],
    [
      'JSON',
      [
        '-H',
        'Content-Type: application/json',
        '-d',
        `{"token":"${T}","ref":"main","variables":{"A":"b"}}`,
        'U/projects/9/trigger/pipeline',
      ],
      { ref: 'main', form: 'json', keys: ['A'] },
    ],
    [
      'web hook',
      [
        '-H',
        'Content-Type: application/json',
        '-H',
        'X-Gitlab-Event: Push Hook',
        '-d',
        '@push.json',
        `U/projects/9/ref/release%2F1.0/trigger/pipeline?token=${T}`,
      ],
      { ref: 'release/1.0', form: 'webhook', keys: [] },
    ],
    [
      'from a job',
      ['--fail', '--form', `token=${JOB_TOKEN}`, '--form', 'ref=main', 'U/projects/9/trigger/pipeline'],
      { ref: 'main', form: 'multipart', keys: [], source: 'pipeline' },
    ],
  ],
)('curl: %s', async (_what, words, expected) => {
  const pipelineId = addPipeline(server.store)
  const jobId = addJob(server.store, { pipelineId })
  if (expected.source === 'pipeline') {
    server.store.jobs.giveToken(jobId, JOB_TOKEN)
    runJob(server.store, jobId, 'running', { queued: 1, started: 2 })
  }
  const args = [
    '-sS',
    '-X',
    'POST',
    '-w',
    '\n%{http_code} %{content_type}',
    ...words.map((word) => word.replace(/^U/, `${server.url}/api/v4`)),
  ]
  const { stdout } = await promisify(execFile)('curl', args, { cwd: folder })
  const [body = '', status] = stdout.split('\n')
  expect(status).toBe('201 application/json')
  expect(JSON.parse(body)).toMatchObject({ project_id: 9, source: expected.source ?? 'trigger' })
  const [command] = server.engine.commands
  expect(command?.checkout).toEqual({ kind: 'ref', ref: expected.ref })
  expect(command?.request).toMatchObject({
    form: expected.form,
    variableKeys: expected.keys,
    userAgent: expect.stringMatching(/^curl\//),
  })
})

it('curl: a body that is larger than one segment', async () => {
  const value = 'x'.repeat(3 * 1024 * 1024)
  writeFileSync(join(folder, 'value'), value)
  const args = [
    '-sS',
    '-F',
    `token=${T}`,
    '-F',
    'ref=main',
    '-F',
    'variables[BIG]=<value',
    `${server.url}/api/v4/projects/9/trigger/pipeline`,
  ]
  await promisify(execFile)('curl', args, { cwd: folder })
  expect(server.engine.commands[0]?.variables[0]).toMatchObject({ key: 'BIG', value })
})
