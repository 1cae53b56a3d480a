import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { form, jsonBody, type Received, type Sent } from '../support/request.ts'
import { addPipeline } from '../support/rows.ts'
import {
  ACCESS_TOKEN,
  DEVELOPER_TOKEN,
  MAINTAINER_TOKEN,
  OUTSIDER_TOKEN,
  READ_TOKEN,
  startServer,
  TRIGGER_TOKEN,
  type TestServer,
} from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const LIST = '/projects/9/triggers'

function ask(method: string, path: string, token: string | null, sent: Sent = {}): Promise<Received> {
  const headers = { ...sent.headers, ...(token === null ? {} : { 'PRIVATE-TOKEN': token }) }
  return server.send(`/api/v4${path}`, { ...sent, method, headers })
}

async function create(fields: Readonly<Record<string, unknown>> = {}, token = ACCESS_TOKEN) {
  const received = await ask('POST', LIST, token, jsonBody({ description: 'bot', ...fields }))
  expect([received.status, received.text]).toEqual([201, expect.stringContaining('"token":"glptt-')])
  return JSON.parse(received.text) as { id: number; token: string } & Record<string, unknown>
}

const status = async (path: string, token: string): Promise<number> => (await ask('GET', path, token)).status

describe('GET /projects/:id/triggers', () => {
  it('shows the whole token to its owner, four characters to others', async () => {
    const mine = JSON.parse((await ask('GET', LIST, ACCESS_TOKEN)).text) as {
      token: string
      owner: unknown
    }[]
    expect(mine.map(({ token }) => token)).toEqual([TRIGGER_TOKEN, '0123'])
    const theirs = JSON.parse((await ask('GET', LIST, MAINTAINER_TOKEN)).text) as { token: string }[]
    expect(theirs.map(({ token }) => token)).toEqual(['TOKE', '0123'])
    expect(mine[1]?.owner).toBeNull()
  })

  it("has exactly GitLab's keys, and totals", async () => {
    const received = await ask('GET', `${LIST}?per_page=1`, ACCESS_TOKEN)
    expect(JSON.parse(received.text)).toEqual([
      {
        id: server.triggers.seed,
        token: TRIGGER_TOKEN,
        description: 'seed document',
        created_at: '2016-11-04T09:36:13.747Z',
        updated_at: '2016-11-04T09:36:13.747Z',
        last_used: null,
        expires_at: null,
        owner: expect.objectContaining({ id: 1, username: 'root', state: 'active' }),
      },
    ])
    expect(received.headers).toMatchObject({ 'x-total': '2', 'x-total-pages': '2', 'x-next-page': '2' })
  })

  it.each([
    ['nobody', null, 401, '{"message":"401 Unauthorized"}'],
    ['a trigger token', TRIGGER_TOKEN, 401, '{"message":"401 Unauthorized"}'],
    ['a developer', DEVELOPER_TOKEN, 403, '{"message":"403 Forbidden"}'],
    ['an outsider', OUTSIDER_TOKEN, 404, '{"message":"404 Project Not Found"}'],
  ])('%s gets %s', async (_who, token, code, body) => {
    const received = await ask('GET', LIST, token)
    expect([received.status, received.text]).toEqual([code, body])
  })
})

describe('POST /projects/:id/triggers', () => {
  it('makes a token that starts pipelines, as its owner', async () => {
    const made = await create({}, MAINTAINER_TOKEN)
    expect(made).toMatchObject({ description: 'bot', expires_at: null, owner: { username: 'max' } })
    const started = await server.send(
      '/api/v4/projects/9/trigger/pipeline',
      form({ token: made.token, ref: 'main' }),
    )
    expect(started.status).toBe(201)
    expect(JSON.parse(started.text)).toMatchObject({ source: 'trigger', user: { username: 'max' } })
    expect(server.engine.commands.at(-1)?.userId).toBe(server.maintainer)
  })

  it.each([
    ['no description', {}, 400, '{"error":"description is missing"}'],
    ['a bad date', { description: 'x', expires_at: 'soon' }, 400, '{"error":"expires_at is invalid"}'],
    [
      'too late a date',
      { description: 'x', expires_at: '2020-01-01' },
      400,
      '{"message":"400 Bad request - {\\"expires_at\\":[\\"must be before 2017-11-04\\"]}"}',
    ],
    [
      'too long a description',
      { description: 'x'.repeat(2049) },
      400,
      '{"message":"400 Bad request - {\\"description\\":[\\"is too long (maximum is 2048 characters)\\"]}"}',
    ],
    [
      'a network that is none',
      { description: 'x', allowed_networks: ['10.0.0.0/99'] },
      400,
      '{"error":"allowed_networks is invalid"}',
    ],
    [
      'a rate of nothing',
      { description: 'x', rate_limit: 0 },
      400,
      '{"error":"rate_limit does not have a valid value"}',
    ],
  ])('%s', async (_what, fields, code, body) => {
    const received = await ask('POST', LIST, ACCESS_TOKEN, jsonBody(fields))
    expect([received.status, received.text]).toEqual([code, body])
  })

  it('is refused to a developer, and to a token that may only read', async () => {
    const asDeveloper = await ask('POST', LIST, DEVELOPER_TOKEN, form({ description: 'x' }))
    expect([asDeveloper.status, asDeveloper.text]).toEqual([403, '{"message":"403 Forbidden"}'])
    const asReader = await ask('POST', LIST, READ_TOKEN, form({ description: 'x' }))
    expect([asReader.status, JSON.parse(asReader.text)]).toEqual([
      403,
      {
        error: 'insufficient_scope',
        error_description: 'The request requires higher privileges than provided by the access token.',
        scope: 'api',
      },
    ])
  })

  it('an expired token starts nothing', async () => {
    const made = await create({ expires_at: '2016-11-05' })
    expect(made['expires_at']).toBe('2016-11-05T00:00:00.000Z')
    const before = server.clock.time
    server.clock.time = Date.UTC(2016, 10, 5)
    const started = await server.send(
      '/api/v4/projects/9/trigger/pipeline',
      form({ token: made.token, ref: 'main' }),
    )
    server.clock.time = before
    expect([started.status, started.text]).toEqual([404, '{"message":"404 Not Found"}'])
    expect(server.engine.refusals.at(-1)?.answer.reason).toMatch(/ expired on 2016-11-05T00:00:00.000Z$/)
  })
})

describe('one trigger', () => {
  it('GET, and 404 for one that is not there or is of another project', async () => {
    expect(await status(`${LIST}/${server.triggers.seed}`, ACCESS_TOKEN)).toBe(200)
    for (const id of [server.triggers.foreign, 404]) {
      const received = await ask('GET', `${LIST}/${id}`, ACCESS_TOKEN)
      expect([received.status, received.text]).toEqual([404, '{"message":"404 Not found"}'])
    }
    const received = await ask('GET', `${LIST}/abc`, ACCESS_TOKEN)
    expect([received.status, received.text]).toEqual([400, '{"error":"trigger_id is invalid"}'])
  })

  it('PUT: for its owner only', async () => {
    const { id } = await create()
    const renamed = await ask('PUT', `${LIST}/${id}`, ACCESS_TOKEN, form({ description: 'other' }))
    expect([renamed.status, JSON.parse(renamed.text)]).toEqual([
      200,
      expect.objectContaining({ id, description: 'other', token: expect.stringMatching(/^glptt-/) }),
    ])
    const refused = await ask('PUT', `${LIST}/${id}`, MAINTAINER_TOKEN, form({ description: 'mine' }))
    expect([refused.status, refused.text]).toEqual([
      403,
      '{"message":"403 Forbidden - The current user is not authorized to update the pipeline trigger token"}',
    ])
  })

  it('DELETE: of two, one gets 204 and the other 404', async () => {
    const { id, token } = await create()
    const both = await Promise.all([1, 2].map(() => ask('DELETE', `${LIST}/${id}`, ACCESS_TOKEN)))
    expect(both.map((each) => each.status).toSorted((a, b) => a - b)).toEqual([204, 404])
    expect(both.find((each) => each.status === 204)).toMatchObject({ text: '' })
    expect(both.find((each) => each.status === 204)?.headers['content-type']).toBeUndefined()
    const started = await server.send('/api/v4/projects/9/trigger/pipeline', form({ token, ref: 'main' }))
    expect(started.status).toBe(404)
    expect(server.engine.refusals.at(-1)?.answer.reason).toMatch(/ was revoked on /)
    expect(await status(`${LIST}/${id}`, ACCESS_TOKEN)).toBe(404)
  })

  it('DELETE with an older If-Unmodified-Since: 412', async () => {
    const { id } = await create()
    const received = await ask('DELETE', `${LIST}/${id}`, ACCESS_TOKEN, {
      headers: { 'If-Unmodified-Since': 'Tue, 01 Nov 2016 00:00:00 GMT' },
    })
    expect([received.status, received.text]).toEqual([412, '{"message":"412 Precondition Failed"}'])
  })

  it('take_ownership gives a legacy trigger an owner, who sees the token', async () => {
    const path = `${LIST}/${server.triggers.legacy}`
    const taken = await ask('POST', `${path}/take_ownership`, MAINTAINER_TOKEN)
    expect([taken.status, JSON.parse(taken.text)]).toEqual([
      200,
      expect.objectContaining({
        token: '0123456789abcdef0123456789abcd',
        owner: expect.objectContaining({ username: 'max' }),
      }),
    ])
  })

  it('last_used is when the newest pipeline was made', async () => {
    server.store.write('normal', () =>
      server.store.triggers.markUsed(server.triggers.seed, Date.UTC(2016, 10, 6)),
    )
    const received = await ask('GET', `${LIST}/${server.triggers.seed}`, ACCESS_TOKEN)
    expect(JSON.parse(received.text)).toMatchObject({ last_used: '2016-11-06T00:00:00.000Z' })
  })
})

describe('a trigger of the configuration', () => {
  it('can be revoked and taken over, which the next start remembers, and not be changed', async () => {
    const { triggers } = server.store
    const declare = (token: string): number =>
      server.store.write('normal', () =>
        triggers.declare(
          {
            projectId: 9,
            ownerId: server.developer,
            description: 'd',
            token,
            declaredAt: '/etc/runner.config.yaml:12',
          },
          1,
        ),
      )
    const id = declare('glptt-declared0000000001')
    expect((await ask('POST', `${LIST}/${id}/take_ownership`, ACCESS_TOKEN)).status).toBe(200)
    expect(declare('glptt-declared0000000001')).toBe(id)
    expect(triggers.find(id)?.ownerId).toBe(1)
    const changed = await ask('PUT', `${LIST}/${id}`, ACCESS_TOKEN, form({ description: 'x' }))
    expect([changed.status, changed.text]).toEqual([
      403,
      `{"message":"403 Forbidden - trigger ${id} is declared in /etc/runner.config.yaml:12; change it there"}`,
    ])
    expect((await ask('DELETE', `${LIST}/${id}`, ACCESS_TOKEN)).status).toBe(204)
    declare('glptt-declared0000000001')
    expect(await status(`${LIST}/${id}`, ACCESS_TOKEN)).toBe(404)
  })
})

describe('CI_JOB_TOKEN on the trigger route', () => {
  it('links the pipeline to the job', async () => {
    const { addJob, runJob } = await import('../support/rows.ts')
    const pipelineId = addPipeline(server.store, { userId: server.maintainer })
    const jobId = addJob(server.store, { pipelineId })
    runJob(server.store, jobId, 'running', { queued: 1, started: 2 })
    server.store.write('normal', () => server.store.jobs.giveToken(jobId, 'glcbt-64_running'))
    const started = await server.send(
      '/api/v4/projects/9/trigger/pipeline',
      form({ token: 'glcbt-64_running', ref: 'main' }),
    )
    expect([started.status, JSON.parse(started.text)]).toEqual([
      201,
      expect.objectContaining({ source: 'pipeline' }),
    ])
    expect(server.engine.commands.at(-1)).toMatchObject({
      parentJobId: jobId,
      triggerId: null,
      userId: server.maintainer,
    })
  })
})
