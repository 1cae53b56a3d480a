import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { form, jsonBody, type Received, type Sent } from '../support/request.ts'
import { addJob, addPipeline, runJob } from '../support/rows.ts'
import {
  ACCESS_TOKEN,
  DEVELOPER_TOKEN,
  MAINTAINER_TOKEN,
  OUTSIDER_TOKEN,
  READ_TOKEN,
  startServer,
  type TestServer,
} from '../support/server.ts'

let server: TestServer
beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.close())

function ask(method: string, path: string, token: string | null, sent: Sent = {}): Promise<Received> {
  const headers = { ...sent.headers, ...(token === null ? {} : { 'PRIVATE-TOKEN': token }) }
  return server.send(`/api/v4${path}`, { ...sent, method, headers })
}

const answer = ({ status, text }: Received): [number, unknown] => [
  status,
  text === '' ? '' : JSON.parse(text),
]

describe('access tokens', () => {
  async function create(fields: Readonly<Record<string, unknown>>, token = ACCESS_TOKEN): Promise<Received> {
    return await ask('POST', `/users/${server.developer}/personal_access_tokens`, token, jsonBody(fields))
  }

  it('are made for a user by the owner of the machine, shown once, and work', async () => {
    const [status, made] = answer(
      await create({ name: 'ci', scopes: ['read_api'], expires_at: '2016-12-01' }),
    )
    expect([status, made]).toEqual([
      201,
      {
        id: expect.any(Number),
        name: 'ci',
        revoked: false,
        created_at: '2016-11-04T09:36:13.747Z',
        description: null,
        scopes: ['read_api'],
        user_id: server.developer,
        last_used_at: null,
        active: true,
        expires_at: '2016-12-01',
        token: expect.stringMatching(/^glpat-[A-Za-z0-9_-]{20}$/),
      },
    ])
    const { id, token } = made as { id: number; token: string }
    expect(answer(await ask('GET', '/user', token))).toEqual([
      200,
      expect.objectContaining({ username: 'dev' }),
    ])
    const [, shown] = answer(await ask('GET', `/personal_access_tokens/${id}`, ACCESS_TOKEN))
    expect(shown).not.toHaveProperty('token')
    expect(shown).toMatchObject({ last_used_at: '2016-11-04T09:36:13.747Z' })
  })

  it.each([
    ['no name', { scopes: ['api'] }, 400, { error: 'name is missing, name is empty' }],
    ['no scope', { name: 'x' }, 400, { error: 'scopes is missing' }],
    [
      'a scope that is none',
      { name: 'x', scopes: ['all'] },
      400,
      { error: 'scopes does not have a valid value' },
    ],
    [
      'an end in the past',
      { name: 'x', scopes: ['api'], expires_at: '2016-01-01' },
      400,
      { message: { expires_at: ['must be in the future'] } },
    ],
  ])('%s', async (_what, fields, status, body) => {
    expect(answer(await create(fields))).toEqual([status, body])
  })

  it('are not made for others by anybody else', async () => {
    expect(answer(await create({ name: 'x', scopes: ['api'] }, MAINTAINER_TOKEN))).toEqual([
      403,
      { message: '403 Forbidden' },
    ])
    const own = await ask(
      'POST',
      '/user/personal_access_tokens',
      DEVELOPER_TOKEN,
      jsonBody({ name: 'x', scopes: ['api'] }),
    )
    expect(own.status).toBe(201)
  })

  it('expire', async () => {
    const [, made] = answer(await create({ name: 'ci', scopes: ['api'], expires_at: '2016-11-05' }))
    server.clock.time = Date.UTC(2016, 10, 5)
    const received = await ask('GET', '/user', (made as { token: string }).token)
    expect(answer(received)).toEqual([
      401,
      {
        error: 'invalid_token',
        error_description: 'Token is expired. You can either do re-authorization or token refresh.',
      },
    ])
    expect(received.headers['www-authenticate']).toMatch(/^Bearer /)
  })

  it('are revoked, also by themselves', async () => {
    expect((await ask('DELETE', '/personal_access_tokens/self', DEVELOPER_TOKEN)).status).toBe(204)
    expect(answer(await ask('GET', '/user', DEVELOPER_TOKEN))).toEqual([
      401,
      {
        error: 'invalid_token',
        error_description: 'Token was revoked. You have to re-authorize from the user.',
      },
    ])
    const [, self] = answer(await ask('GET', '/personal_access_tokens/self', MAINTAINER_TOKEN))
    expect(
      (await ask('DELETE', `/personal_access_tokens/${(self as { id: number }).id}`, ACCESS_TOKEN)).status,
    ).toBe(204)
    expect((await ask('GET', '/user', MAINTAINER_TOKEN)).status).toBe(401)
  })

  it('of others are not there', async () => {
    const [, self] = answer(await ask('GET', '/personal_access_tokens/self', MAINTAINER_TOKEN))
    const path = `/personal_access_tokens/${(self as { id: number }).id}`
    for (const method of ['GET', 'DELETE'])
      expect(answer(await ask(method, path, DEVELOPER_TOKEN))).toEqual([401, { message: '401 Unauthorized' }])
    expect(answer(await ask('GET', '/personal_access_tokens/999', ACCESS_TOKEN))).toEqual([
      404,
      { message: '404 Not Found' },
    ])
    const mine = JSON.parse((await ask('GET', '/personal_access_tokens', DEVELOPER_TOKEN)).text) as {
      user_id: number
    }[]
    expect(new Set(mine.map((each) => each.user_id))).toEqual(new Set([server.developer]))
    const all = await ask('GET', '/personal_access_tokens', ACCESS_TOKEN)
    expect(all.headers['x-total']).toBe('5')
  })

  it('are rotated', async () => {
    const rotated = JSON.parse(
      (await ask('POST', '/personal_access_tokens/self/rotate', DEVELOPER_TOKEN)).text,
    ) as { token: string }
    expect(rotated).toMatchObject({
      expires_at: '2016-11-11',
      scopes: ['api'],
      token: expect.stringMatching(/^glpat-/),
    })
    expect([
      (await ask('GET', '/user', DEVELOPER_TOKEN)).status,
      (await ask('GET', '/user', rotated.token)).status,
    ]).toEqual([401, 200])
  })
})

describe('users', () => {
  it('are made, listed, blocked and unblocked', async () => {
    const made = await ask(
      'POST',
      '/users',
      ACCESS_TOKEN,
      form({ username: 'ada', name: 'Ada', email: 'ada@example.com' }),
    )
    expect(answer(made)).toEqual([201, expect.objectContaining({ username: 'ada', state: 'active' })])
    const twice = await ask('POST', '/users', ACCESS_TOKEN, form({ username: 'ADA', name: 'Ada' }))
    expect(answer(twice)).toEqual([409, { message: 'Username has already been taken' }])
    const block = await ask('POST', `/users/${server.developer}/block`, ACCESS_TOKEN)
    expect(answer(block)).toEqual([201, true])
    expect(answer(await ask('GET', '/user', DEVELOPER_TOKEN))).toEqual([
      403,
      { message: '403 Forbidden - Your account has been blocked.' },
    ])
    const [, blocked] = answer(await ask('GET', '/users?blocked=true', ACCESS_TOKEN))
    expect(blocked).toEqual([expect.objectContaining({ username: 'dev', state: 'blocked' })])
    expect(answer(await ask('POST', `/users/${server.developer}/unblock`, ACCESS_TOKEN))).toEqual([201, true])
    expect((await ask('GET', '/user', DEVELOPER_TOKEN)).status).toBe(200)
  })

  it('are the business of the owner of the machine', async () => {
    const made = await ask('POST', '/users', MAINTAINER_TOKEN, form({ username: 'ada', name: 'Ada' }))
    expect(answer(made)).toEqual([403, { message: '403 Forbidden' }])
    expect((await ask('POST', '/users/1/block', ACCESS_TOKEN)).status).toBe(400)
  })

  it('have roles, which the configuration keeps where it gives them', async () => {
    const outsider = server.store.users.findByName('out')?.id ?? 0
    const grant = await ask(
      'POST',
      '/projects/9/members',
      MAINTAINER_TOKEN,
      form({ user_id: String(outsider), access_level: '30' }),
    )
    expect(answer(grant)).toEqual([201, expect.objectContaining({ username: 'out', access_level: 30 })])
    expect((await ask('GET', '/projects/9', OUTSIDER_TOKEN)).status).toBe(200)
    // As a start does it.
    server.store.users.setMembers(9, [{ userId: server.developer, role: 'developer' }])
    expect((await ask('GET', '/projects/9', OUTSIDER_TOKEN)).status).toBe(200)
    const fixed = await ask(
      'PUT',
      `/projects/9/members/${server.developer}`,
      ACCESS_TOKEN,
      form({ access_level: '50' }),
    )
    expect([fixed.status, fixed.text]).toEqual([403, expect.stringContaining('is declared in')])
    expect((await ask('DELETE', `/projects/9/members/${outsider}`, ACCESS_TOKEN)).status).toBe(204)
    expect((await ask('GET', '/projects/9', OUTSIDER_TOKEN)).status).toBe(404)
    const bad = await ask(
      'POST',
      '/projects/9/members',
      ACCESS_TOKEN,
      form({ user_id: '2', access_level: '7' }),
    )
    expect(answer(bad)).toEqual([400, { error: 'access_level does not have a valid value' }])
    for (const [fields, error] of [
      [{}, 'access_level is missing, user_id is missing'],
      [{ user_id: '2', access_level: 'x' }, 'access_level is invalid'],
      [{ user_id: '2', access_level: '0' }, 'access_level does not have a valid value'],
    ] as const)
      expect(answer(await ask('POST', '/projects/9/members', ACCESS_TOKEN, form(fields)))).toEqual([
        400,
        { error },
      ])
  })

  it('are given once and changed afterwards', async () => {
    const out = server.store.users.findByName('out')?.id ?? 0
    const wanted = form({ user_id: String(out), access_level: '30' })
    const taken = [409, { message: 'Member already exists' }]
    expect((await ask('POST', '/projects/9/members', ACCESS_TOKEN, wanted)).status).toBe(201)
    expect(answer(await ask('POST', '/projects/9/members', ACCESS_TOKEN, wanted))).toEqual(taken)
    const first = form({ user_id: '1', access_level: '50' })
    expect(answer(await ask('POST', '/projects/9/members', MAINTAINER_TOKEN, first))).toEqual(taken)
    const path = `/projects/9/members/${out}`
    const changed = await ask('PUT', path, ACCESS_TOKEN, form({ access_level: '40' }))
    expect(answer(changed)).toEqual([200, expect.objectContaining({ access_level: 40 })])
    expect((await ask('DELETE', path, ACCESS_TOKEN)).status).toBe(204)
    expect((await ask('PUT', path, ACCESS_TOKEN, form({ access_level: '40' }))).status).toBe(404)
  })

  it('never rise above whoever gives them', async () => {
    const of = (name: string): number => server.store.users.findByName(name)?.id ?? 0
    const [out, maintainer] = [of('out'), server.maintainer]
    const owner = form({ user_id: String(out), access_level: '50' })
    const refused = [403, { message: '403 Forbidden' }]
    expect(answer(await ask('POST', '/projects/9/members', MAINTAINER_TOKEN, owner))).toEqual(refused)
    const self = `/projects/9/members/${maintainer}`
    expect(answer(await ask('PUT', self, MAINTAINER_TOKEN, form({ access_level: '50' })))).toEqual(refused)
    expect((await ask('POST', '/projects/9/members', ACCESS_TOKEN, owner)).status).toBe(201)
    const above = `/projects/9/members/${out}`
    expect(answer(await ask('PUT', above, MAINTAINER_TOKEN, form({ access_level: '30' })))).toEqual(refused)
    expect(answer(await ask('DELETE', above, MAINTAINER_TOKEN))).toEqual(refused)
    expect((await ask('DELETE', above, ACCESS_TOKEN)).status).toBe(204)
  })
})

describe('sudo', () => {
  it.each([
    ['by name', { Sudo: 'dev' }, ACCESS_TOKEN, 200, { username: 'dev' }],
    ['by number', { sudo: '2' }, ACCESS_TOKEN, 200, { username: 'dev' }],
    [
      'of nobody',
      { Sudo: 'zed' },
      ACCESS_TOKEN,
      404,
      { message: "404 User with ID or username 'zed' Not Found" },
    ],
    [
      'by somebody else',
      { Sudo: 'root' },
      DEVELOPER_TOKEN,
      403,
      { message: '403 Forbidden - Must be admin to use sudo' },
    ],
  ])('%s', async (_what, headers, token, status, body) => {
    expect(answer(await ask('GET', '/user', token, { headers }))).toEqual([
      status,
      expect.objectContaining(body),
    ])
  })

  it('keeps the scope of the token', async () => {
    const received = await ask(
      'POST',
      '/projects/9/triggers',
      READ_TOKEN,
      form({ description: 'x', sudo: 'max' }),
    )
    expect(received.status).toBe(403)
  })
})

describe('a job token', () => {
  const running = (userId: number | null, projectId = 9): string => {
    const pipelineId = addPipeline(server.store, { userId, projectId })
    const jobId = addJob(server.store, { pipelineId, projectId })
    runJob(server.store, jobId, 'running', { queued: 1, started: 2 })
    const token = `glcbt-64_of_job_${jobId}`
    server.store.jobs.giveToken(jobId, token)
    return token
  }
  const get = (path: string, headers: Readonly<Record<string, string>>): Promise<Received> =>
    server.send(`/api/v4${path}`, { headers })

  it('reads where GitLab lets jobs read, in each of its forms', async () => {
    const token = running(server.developer)
    for (const [query, headers] of [
      ['', { 'JOB-TOKEN': token }],
      [`?job_token=${token}`, {}],
      [`?token=${token}`, {}],
      ['', { Authorization: `Bearer ${token}` }],
    ] as const) {
      expect((await get(`/projects/9/pipelines${query}`, headers)).status).toBe(200)
    }
  })

  it('is none elsewhere, and none when the job has ended', async () => {
    const token = running(server.developer)
    for (const path of ['/user', '/projects/9/triggers', '/projects/9/trigger_requests'])
      expect(answer(await get(path, { 'JOB-TOKEN': token }))).toEqual([401, { message: '401 Unauthorized' }])
    const job = server.store.jobs.findByToken(token)
    server.store.jobs.setStatus({ id: job?.id ?? 0, from: 'running', to: 'success', now: 3 })
    expect((await get('/projects/9/pipelines', { 'JOB-TOKEN': token })).status).toBe(401)
  })

  it('reaches another project as far as its user does', async () => {
    expect((await get('/projects/10/pipelines', { 'JOB-TOKEN': running(1) })).status).toBe(200)
    const hidden = [404, { message: '404 Project Not Found' }]
    expect(answer(await get('/projects/10/pipelines', { 'JOB-TOKEN': running(server.developer) }))).toEqual(
      hidden,
    )
  })

  it('of a legacy trigger reaches its own project only', async () => {
    const token = running(null)
    expect((await get('/projects/9/pipelines', { 'JOB-TOKEN': token })).status).toBe(200)
    expect((await get('/projects/10/pipelines', { 'JOB-TOKEN': token })).status).toBe(404)
  })

  it('stops at a project that does not list its own', async () => {
    await server.close()
    server = await startServer({ jobTokenAllowlist: ['group/other'] })
    expect(answer(await get('/projects/10/pipelines', { 'JOB-TOKEN': running(1) }))).toEqual([
      403,
      {
        message:
          '403 Forbidden - Authentication by CI/CD job token not allowed from fixtures/upload-to-s3 to project #10.',
      },
    ])
    const started = await server.send(
      '/api/v4/projects/10/trigger/pipeline',
      form({ token: running(1), ref: 'main' }),
    )
    expect(answer(started)).toEqual([404, { message: '404 Not Found' }])
  })
})
