import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CreatePipelineResult } from '../../../src/model/command.ts'
import { refusal } from '../support/engine.ts'
import { form, jsonBody, type Sent } from '../support/request.ts'
import { addJob, addPipeline, runJob } from '../support/rows.ts'
import {
  ACCESS_TOKEN,
  FOREIGN_TRIGGER_TOKEN,
  LEGACY_TRIGGER_TOKEN,
  startServer,
  TRIGGER_TOKEN,
  type TestServer,
} from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.engine.answer = undefined
  server.engine.commands.length = 0
  server.engine.refusals.length = 0
  server.logged.length = 0
})

const PATH = '/api/v4/projects/9/trigger/pipeline'
const NOT_FOUND = '{"message":"404 Not Found"}'
const INVALID_JSON =
  '{"error":"\\nProblem:\\n  message body does not match declared format\\nResolution:\\n  when specifying application/json as content-type, you must pass valid application/json in the request\'s \'body\' "}'

const post = (sent: Sent, path = PATH) => server.send(path, { method: 'POST', ...sent })
const good = (more: Record<string, string> = {}): Sent => form({ token: TRIGGER_TOKEN, ref: 'main', ...more })

async function answered(sent: Sent, path = PATH) {
  const received = await post(sent, path)
  const [refused] = server.engine.refusals
  return [
    received.status,
    received.headers['content-type'],
    received.text,
    refused?.answer.status,
    refused?.answer.reason,
  ]
}

describe('rows 1 and 2: what is sent', () => {
  it.each<[string, Sent, number, string, string]>([
    [
      'bad JSON',
      { headers: { 'Content-Type': 'application/json' }, body: '{' },
      400,
      INVALID_JSON,
      'the body is not the JSON that its content type says',
    ],
    [
      'another content type',
      { headers: { 'Content-Type': 'text/plain' }, body: 'x' },
      415,
      `{"error":"The provided content-type 'text/plain' is not supported."}`,
      'the content type "text/plain" is not supported',
    ],
    [
      'nothing',
      {},
      400,
      '{"error":"ref is missing, ref is empty, token is missing"}',
      'ref is missing, ref is empty, token is missing',
    ],
    ['no token', form({ ref: 'main' }), 400, '{"error":"token is missing"}', 'token is missing'],
    [
      'no ref',
      form({ token: TRIGGER_TOKEN }),
      400,
      '{"error":"ref is missing, ref is empty"}',
      'ref is missing, ref is empty',
    ],
    ['blank ref', form({ token: 'x', ref: ' ' }), 400, '{"error":"ref is empty"}', 'ref is empty'],
    ['empty ref', form({ token: 'x', ref: '' }), 400, '{"error":"ref is empty"}', 'ref is empty'],
    ['null ref', jsonBody({ token: 'x', ref: null }), 400, '{"error":"ref is empty"}', 'ref is empty'],
    [
      'list as ref',
      jsonBody({ token: 'x', ref: ['main'] }),
      400,
      '{"error":"ref is invalid"}',
      'ref is invalid',
    ],
    [
      'map as ref and token',
      form({ 'token[a]': 'x', 'ref[a]': 'main' }),
      400,
      '{"error":"ref is invalid, token is invalid"}',
      'ref is invalid, token is invalid',
    ],
    [
      'variables as a list',
      form({ token: 'x', ref: 'main', 'variables[]': 'x' }),
      400,
      '{"error":"variables is invalid"}',
      'variables is invalid',
    ],
    [
      'empty variables',
      form({ token: 'x', ref: 'main', variables: '' }),
      400,
      '{"error":"variables is invalid"}',
      'variables is invalid',
    ],
    [
      'variables as a text of JSON',
      form({ token: 'x', ref: 'main', variables: '{"A":"b"}' }),
      400,
      '{"error":"variables is invalid"}',
      'variables is invalid',
    ],
    [
      'inputs as a text',
      form({ token: 'x', ref: 'main', inputs: '3' }),
      400,
      '{"error":"inputs is invalid"}',
      'inputs is invalid',
    ],
  ])('%s', async (_what, sent, status, body, reason) => {
    expect(await answered(sent)).toEqual([status, 'application/json', body, status, reason])
    expect(server.engine.commands).toEqual([])
  })
})

describe('rows 3 and 4', () => {
  it('a pipeline hook starts nothing', async () => {
    expect(
      await answered(jsonBody({ token: TRIGGER_TOKEN, ref: 'main' }, { 'X-Gitlab-Event': 'Pipeline Hook' })),
    ).toEqual([
      403,
      'application/json',
      '{"message":"403 Forbidden"}',
      403,
      'the request is a pipeline hook (X-Gitlab-Event), which may not start a pipeline',
    ])
  })

  it('is looked at after the parameters', async () => {
    const received = await post(jsonBody({ token: 'x' }, { 'X-Gitlab-Event': 'Pipeline Hook' }))
    expect(received.status).toBe(400)
  })

  it.each<[string, Sent]>([
    ['a number', jsonBody({ token: 'x', ref: 'main', variables: { A: 1 } })],
    ['a boolean', jsonBody({ token: 'x', ref: 'main', variables: { A: true } })],
    ['null', jsonBody({ token: 'x', ref: 'main', variables: { A: null } })],
    ['a list', jsonBody({ token: 'x', ref: 'main', variables: { A: ['b'] } })],
    ['a map', jsonBody({ token: 'x', ref: 'main', variables: { A: { b: 'c' } } })],
    ['nested brackets', form({ token: 'x', ref: 'main', 'variables[A][b]': 'c' })],
    [
      'a name without value',
      {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'token=x&ref=main&variables[A]',
      },
    ],
    [
      'a file',
      {
        headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
        body:
          ['token', 'ref']
            .map((name) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nx\r\n`)
            .join('') +
          '--b\r\nContent-Disposition: form-data; name="variables[A]"; filename="f"\r\n\r\nx\r\n--b--\r\n',
      },
    ],
  ])('%s is no value', async (_what, sent) => {
    expect(await answered(sent)).toEqual([
      400,
      'application/json',
      '{"message":"variables needs to be a map of key-valued strings"}',
      400,
      'the value of variable "A" is not a string',
    ])
  })
})

describe('rows 5 and 6: one answer, many reasons', () => {
  it.each<[string, string, string, string]>([
    ['no such project', '404', TRIGGER_TOKEN, 'no project "404"'],
    [
      'a bare name',
      'upload-to-s3',
      TRIGGER_TOKEN,
      'no project "upload-to-s3"; a project is named by its number (9) or its full path (fixtures/upload-to-s3)',
    ],
    [
      'a misspelt path',
      'fixtures%2Fupload-to-s4',
      TRIGGER_TOKEN,
      'no project "fixtures/upload-to-s4"; "fixtures/upload-to-s3" is close',
    ],
    ['the token of another project', '9', FOREIGN_TRIGGER_TOKEN, 'token belongs to project 10'],
    ['an unknown token', '9', 'glptt-unknown', 'no trigger has this token'],
    ['a blank token', '9', '', 'the token is blank'],
    [
      'an access token',
      '9',
      ACCESS_TOKEN,
      'a personal access token was sent where a trigger token is needed',
    ],
    [
      'something like an access token',
      '9',
      'glpat-unknown',
      'a personal access token was sent where a trigger token is needed',
    ],
    ['a runner token', '9', 'glrt-x', 'a runner token was sent where a trigger token is needed'],
    ['an unknown job token', '9', 'glcbt-x', 'no job has this job token'],
    ['white space', '9', ` ${TRIGGER_TOKEN}\n`, 'the token has white space around it'],
  ])('%s', async (_what, project, token, reason) => {
    const path = `/api/v4/projects/${project}/trigger/pipeline`
    expect(await answered(form({ token, ref: 'main' }), path)).toEqual([
      404,
      'application/json',
      NOT_FOUND,
      404,
      reason,
    ])
    expect(server.engine.commands).toEqual([])
  })

  it('a token that JSON makes null is blank', async () => {
    expect(await answered(jsonBody({ token: null, ref: 'main' }))).toEqual([
      404,
      'application/json',
      NOT_FOUND,
      404,
      'the token is blank',
    ])
  })

  it.each([
    ['expiresAt', 'expired on 2016-11-04T09:36:13.747Z'],
    ['revokedAt', 'was revoked on 2016-11-04T09:36:13.747Z'],
  ])('a trigger whose %s has come is unknown', async (field, words) => {
    const { triggers } = server.store
    const original = triggers.findByToken
    Object.assign(triggers, {
      findByToken(token: string) {
        const found = original(token)
        return found && { ...found, [field]: server.clock.time }
      },
    })
    const got = await answered(good())
    Object.assign(triggers, { findByToken: original })
    expect(got).toEqual([
      404,
      'application/json',
      NOT_FOUND,
      404,
      `trigger token "seed document" (TOKE) ${words}`,
    ])
  })

  it('reads no header for the token', async () => {
    const sent = form({ token: '', ref: 'main' })
    const headers = {
      ...sent.headers,
      'PRIVATE-TOKEN': ACCESS_TOKEN,
      'JOB-TOKEN': TRIGGER_TOKEN,
      Authorization: `Bearer ${TRIGGER_TOKEN}`,
    }
    expect((await post({ ...sent, headers })).status).toBe(404)
  })
})

describe('row 7: job tokens', () => {
  /** A job with a token, in the project 10 and of this user. */
  function jobToken(name: string, userId: number | null): { token: string; id: number } {
    const pipelineId = addPipeline(server.store, { projectId: 10, userId })
    const id = addJob(server.store, { pipelineId, projectId: 10 })
    server.store.jobs.giveToken(id, `glcbt-${name}`)
    return { token: `glcbt-${name}`, id }
  }
  const running = { queued: 1, started: 2, finished: 3 }

  it('a running job starts a pipeline as its user', async () => {
    const { token, id } = jobToken('running', server.developer)
    runJob(server.store, id, 'running', running)
    const received = await post(form({ token, ref: 'main', 'variables[A]': 'b' }))
    expect([
      received.status,
      JSON.parse(received.text).source,
      JSON.parse(received.text).user.username,
    ]).toEqual([201, 'pipeline', 'dev'])
    expect(server.engine.commands).toMatchObject([
      { source: 'pipeline', userId: server.developer, triggerId: null, projectId: 9 },
    ])
    expect(server.engine.commands[0]?.variables.map((each) => each.key)).toEqual(['A', 'TRIGGER_PAYLOAD'])
  })

  it('a job that does not run is refused', async () => {
    const { token, id } = jobToken('over', 1)
    runJob(server.store, id, 'success', running)
    expect(await answered(form({ token, ref: 'main' }))).toEqual([
      401,
      'application/json',
      '{"message":"Job is not running"}',
      401,
      `job token of job ${id}, which is success`,
    ])
  })

  it('an erased job is refused', async () => {
    const { token, id } = jobToken('erased', 1)
    runJob(server.store, id, 'running', running)
    const original = server.store.jobs.findByToken
    Object.assign(server.store.jobs, { findByToken: () => ({ ...server.store.jobs.find(id), erasedAt: 5 }) })
    const got = await answered(form({ token, ref: 'main' }))
    Object.assign(server.store.jobs, { findByToken: original })
    expect(got.slice(0, 3)).toEqual([401, 'application/json', '{"message":"Job has been erased!"}'])
  })

  it('a user who may not read the project is not told that it is there', async () => {
    const outsider = server.store.users.findByName('out')?.id ?? 0
    const { token, id } = jobToken('outsider', outsider)
    runJob(server.store, id, 'running', running)
    expect(await answered(form({ token, ref: 'main' }))).toEqual([
      404,
      'application/json',
      NOT_FOUND,
      404,
      `job token of job ${id}, whose user may not read project 9`,
    ])
  })

  it('a job of a legacy trigger reaches its own project only', async () => {
    const { token, id } = jobToken('legacy', null)
    runJob(server.store, id, 'running', running)
    expect((await answered(form({ token, ref: 'main' }))).slice(2)).toEqual([
      NOT_FOUND,
      404,
      `job token of job ${id} of a legacy trigger, which reaches no project but its own`,
    ])
    server.engine.refusals.length = 0
    expect((await post(form({ token, ref: 'main' }), '/api/v4/projects/10/trigger/pipeline')).status).toBe(
      201,
    )
  })
})

describe('rows 8 to 20: what the engine says', () => {
  it.each<[string, CreatePipelineResult, number, string, string]>([
    [
      'no right',
      refusal('insufficient_permissions', 'Insufficient permissions to create a new pipeline'),
      400,
      'Insufficient permissions to create a new pipeline',
      'Insufficient permissions to create a new pipeline',
    ],
    [
      'branch and tag',
      refusal('reference_ambiguous', 'Ref is ambiguous', '"main" is a branch and a tag'),
      400,
      'Ref is ambiguous',
      '"main" is a branch and a tag',
    ],
    [
      'unknown ref',
      refusal('reference_not_found', 'Reference not found', 'no branch or tag "mian"; "main" is close'),
      400,
      'Reference not found',
      'no branch or tag "mian"; "main" is close',
    ],
    [
      'duplicate variable',
      refusal('duplicate_variable', 'Duplicate variable name: TRIGGER_PAYLOAD'),
      422,
      'Duplicate variable name: TRIGGER_PAYLOAD',
      'Duplicate variable name: TRIGGER_PAYLOAD',
    ],
    [
      'bad variable key',
      refusal(
        'invalid_variables',
        "Failed to build pipeline variables: Validation failed: Key can contain only letters, digits and '_'.",
      ),
      422,
      "Failed to build pipeline variables: Validation failed: Key can contain only letters, digits and '_'.",
      "Failed to build pipeline variables: Validation failed: Key can contain only letters, digits and '_'.",
    ],
    [
      'too many inputs',
      refusal('too_many_inputs', 'There cannot be more than 20 inputs'),
      400,
      'There cannot be more than 20 inputs',
      'There cannot be more than 20 inputs',
    ],
    [
      'no CI file',
      refusal('missing_config', 'Missing CI config file'),
      400,
      'Missing CI config file',
      'Missing CI config file',
    ],
    [
      'workflow:rules',
      refusal(
        'filtered_by_workflow_rules',
        'The pipeline did not run. Review the workflow:rules configuration for the pipeline.',
        'workflow rule 1: if: $A',
      ),
      400,
      'The pipeline did not run. Review the workflow:rules configuration for the pipeline.',
      'workflow rule 1: if: $A',
    ],
    [
      'no job left',
      refusal(
        'filtered_by_rules',
        'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
      ),
      400,
      'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
      'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
    ],
  ])('%s', async (_what, result, status, text, reason) => {
    server.engine.answer = () => result
    expect(await answered(good())).toEqual([
      status,
      'application/json',
      JSON.stringify({ message: { base: [text] } }),
      status,
      reason,
    ])
    expect(server.engine.refusals[0]?.request).toMatchObject({
      projectId: 9,
      triggerId: server.triggers.seed,
    })
  })

  it('row 17: a wrong configuration is 422 with the error that the failed pipeline keeps, which the engine has recorded', async () => {
    const pipelineId = addPipeline(server.store, {
      status: 'failed',
      configError: 'jobs:a config & <b>more</b> (<unknown>): a > b',
    })
    server.engine.answer = () => ({ kind: 'invalid', pipelineId, diagnostics: [], sources: new Map() })
    expect(await answered(good())).toEqual([
      422,
      'application/json',
      '{"message":{"base":["jobs:a config &amp; more (): a &gt; b"]}}',
      undefined,
      undefined,
    ])
    const shown = JSON.parse((await server.get(`/projects/9/pipelines/${pipelineId}`)).text)
    expect([shown.status, shown.yaml_errors]).toEqual(['failed', 'jobs:a config &amp; more (): a &gt; b'])
  })

  it('row 20: seed errors keep their newlines', async () => {
    const text =
      "'a' job needs 'x' job, but 'x' does not exist in the pipeline\n'b' job needs 'x' job, but 'x' does not exist in the pipeline"
    const pipelineId = addPipeline(server.store, { status: 'failed', configError: text })
    server.engine.answer = () => ({ kind: 'invalid', pipelineId, diagnostics: [], sources: new Map() })
    const received = await post(good())
    expect([received.status, JSON.parse(received.text)]).toEqual([422, { message: { base: [text] } }])
  })

  it('a wrong configuration that is not kept is recorded here', async () => {
    const diagnostics = [
      {
        severity: 'error',
        code: 'x',
        message: 'jobs config should contain at least one visible job',
      } as const,
    ]
    server.engine.answer = () => ({ kind: 'invalid', pipelineId: null, diagnostics, sources: new Map() })
    expect((await answered(good())).slice(3)).toEqual([
      422,
      'jobs config should contain at least one visible job',
    ])
  })
})

describe('row 21: created', () => {
  it('answers with the pipeline, key for key', async () => {
    const received = await post(good({ 'variables[UPLOAD_TO_S3]': 'true' }))
    expect([received.status, received.headers['content-type']]).toEqual([201, 'application/json'])
    const [pipeline] = server.store.pipelines.newest(9, 1)
    expect(received.text).toBe(
      `{"id":${pipeline?.id},"iid":${pipeline?.iid},"project_id":9,"sha":"384c444e840a515b23f21915ee5766b87068a70d","ref":"main","status":"created","source":"trigger",` +
        `"created_at":"2016-11-04T09:36:13.747Z","updated_at":"2016-11-04T09:36:13.747Z","web_url":"${server.url}/fixtures/upload-to-s3/-/pipelines/${pipeline?.id}",` +
        `"before_sha":"0000000000000000000000000000000000000000","tag":false,"yaml_errors":null,` +
        `"user":{"id":1,"username":"root","public_email":"","name":"Administrator","state":"active","locked":false,"avatar_url":null,"web_url":"${server.url}/root"},` +
        `"started_at":null,"finished_at":null,"committed_at":null,"duration":null,"queued_duration":null,"coverage":null,` +
        `"detailed_status":{"icon":"status_created","text":"created","label":"created","group":"created","tooltip":"created","has_details":true,` +
        `"details_path":"/fixtures/upload-to-s3/-/pipelines/${pipeline?.id}","illustration":null,"favicon":"/assets/ci_favicons/favicon_status_created.png"}}`,
    )
    expect(server.engine.refusals).toEqual([])
  })

  it('fills one command', async () => {
    server.refreshed.length = 0
    const sent = good({ 'variables[UPLOAD_TO_S3]': 'true', 'inputs[a]': 'b' })
    await post({ ...sent, headers: { ...sent.headers, 'User-Agent': 'curl/7.88.1' } })
    expect(server.engine.commands).toEqual([
      {
        projectId: 9,
        source: 'trigger',
        checkout: { kind: 'ref', ref: 'main' },
        variables: [
          { key: 'UPLOAD_TO_S3', value: 'true', file: false, raw: false, masked: false, origin: 'trigger' },
          {
            key: 'TRIGGER_PAYLOAD',
            value: '{"ref":"main","variables":{"UPLOAD_TO_S3":"true"},"inputs":{"a":"b"},"id":"9"}',
            file: true,
            raw: false,
            masked: false,
            origin: 'trigger',
          },
        ],
        inputs: { a: 'b' },
        userId: 1,
        triggerId: server.triggers.seed,
        sourceKey: null,
        saveInvalid: true,
        selection: null,
        configPath: null,
        fixedVariables: [],
        parentJobId: null,
        request: {
          senderJobId: null,
          shortToken: 'TOKE',
          call: {
            ref: 'main',
            variables: [{ key: 'UPLOAD_TO_S3', value: 'true' }],
            inputs: { a: 'b' },
            payload: '{"ref":"main","variables":{"UPLOAD_TO_S3":"true"},"inputs":{"a":"b"},"id":"9"}',
            jobId: null,
          },
          projectRef: '9',
          projectId: 9,
          triggerId: server.triggers.seed,
          form: 'urlencoded',
          remoteAddress: '127.0.0.1',
          userAgent: 'curl/7.88.1',
          ref: 'main',
          receivedAt: server.clock.time,
          variableKeys: ['UPLOAD_TO_S3'],
        },
      },
    ])
    expect(server.refreshed).toEqual([9])
  })

  it('inputs keep their JSON types', async () => {
    await post(jsonBody({ token: TRIGGER_TOKEN, ref: 'main', inputs: { n: 3, b: true, l: ['a'], s: 'x' } }))
    expect(server.engine.commands[0]?.inputs).toEqual({ n: 3, b: true, l: ['a'], s: 'x' })
  })

  it('a legacy trigger runs as nobody, and clients still find a user', async () => {
    const received = await post(form({ token: LEGACY_TRIGGER_TOKEN, ref: 'main' }))
    expect([received.status, JSON.parse(received.text).user]).toMatchObject([
      201,
      { id: 0, username: 'ghost', name: 'Ghost User' },
    ])
    expect(server.engine.commands[0]).toMatchObject({ userId: null, triggerId: server.triggers.legacy })
  })

  it('50 at once are 50 pipelines with 50 numbers in a row', async () => {
    const before = server.store.pipelines.newest(9, 1)[0]?.iid ?? 0
    const all = await Promise.all(Array.from({ length: 50 }, () => post(good())))
    const made = all.map(({ text }) => JSON.parse(text) as { id: number; iid: number })
    expect(new Set(made.map((each) => each.id)).size).toBe(50)
    expect(made.map((each) => each.iid).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, index) => before + 1 + index),
    )
  })
})

describe('the form of the call', () => {
  const multipart: Sent = {
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
    body: `--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n${TRIGGER_TOKEN}\r\n--b\r\nContent-Disposition: form-data; name="ref"\r\n\r\nmain\r\n--b--\r\n`,
  }

  it.each<[string, Sent, string]>([
    ['multipart', multipart, PATH],
    ['urlencoded', form({ token: TRIGGER_TOKEN, ref: 'main' }), PATH],
    ['json', jsonBody({ token: TRIGGER_TOKEN, ref: 'main' }), PATH],
    ['query', {}, `${PATH}?token=${TRIGGER_TOKEN}&ref=main`],
    ['query', jsonBody({}), `${PATH}?token=${TRIGGER_TOKEN}&ref=main`],
    ['webhook', jsonBody({}), `/api/v4/projects/9/ref/main/trigger/pipeline?token=${TRIGGER_TOKEN}`],
    [
      'webhook',
      jsonBody({ ref: 'refs/heads/main' }, { 'X-Gitlab-Event': 'Push Hook' }),
      `${PATH}?token=${TRIGGER_TOKEN}`,
    ],
  ])('is recorded: %s', async (word, sent, path) => {
    expect((await post(sent, path)).status).toBe(201)
    expect(server.engine.commands[0]?.request?.form).toBe(word)
  })
})

describe('the true reason of a refusal', () => {
  it('is kept with what is known of the request, and without values or tokens', async () => {
    const sent = form({ token: 'glptt-secret', ref: 'main', 'variables[A]': 'hush' })
    await post({ ...sent, headers: { ...sent.headers, 'User-Agent': 'x'.repeat(3000) } })
    expect(server.engine.refusals).toEqual([
      {
        request: {
          projectRef: '9',
          projectId: 9,
          triggerId: null,
          shortToken: null,
          form: 'urlencoded',
          remoteAddress: '127.0.0.1',
          userAgent: 'x'.repeat(1024),
          ref: 'main',
          receivedAt: server.clock.time,
          variableKeys: ['A'],
        },
        answer: { status: 404, reason: 'no trigger has this token' },
      },
    ])
    expect(JSON.stringify(server.engine.refusals)).not.toMatch(/secret|hush/)
  })

  it('does not change the answer when it cannot be kept', async () => {
    const original = server.engine.recordRefusal
    Object.assign(server.engine, {
      recordRefusal() {
        throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
      },
    })
    const received = await post(form({ token: 'x', ref: 'main' }))
    Object.assign(server.engine, { recordRefusal: original })
    expect([received.status, received.text]).toEqual([404, NOT_FOUND])
    expect(server.logged).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'a trigger request could not be kept' }),
    )
  })
})

describe('a store that cannot take it', () => {
  it.each([
    [
      'a full database',
      'SQLITE_FULL',
      '{"message":"503 Service Unavailable - there is no room left on the disk"}',
    ],
    ['a full disk', 'ENOSPC', '{"message":"503 Service Unavailable - there is no room left on the disk"}'],
    ['a locked database', 'SQLITE_BUSY', '{"message":"503 Service Unavailable - the database is locked"}'],
  ])('%s: 503, come again', async (_what, code, body) => {
    server.engine.answer = () => {
      throw Object.assign(new Error('x'), { code })
    }
    const received = await post(good())
    expect([
      received.status,
      received.headers['content-type'],
      received.headers['retry-after'],
      received.text,
    ]).toEqual([503, 'application/json', '60', body])
    expect(server.logged).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'request failed' }),
    )
  })

  it('a bug: 500, and a record with its place', async () => {
    server.engine.answer = () => {
      throw new Error('a bug')
    }
    const received = await post(good())
    expect([received.status, received.text]).toEqual([500, '{"message":"500 Internal Server Error"}'])
    expect(server.logged.find((each) => each.level === 'error')?.['error']).toMatch(/a bug\n\s+at /)
  })
})
