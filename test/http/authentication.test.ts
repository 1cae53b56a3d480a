import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ACCESS_TOKEN,
  DEVELOPER_TOKEN,
  OUTSIDER_TOKEN,
  READ_TOKEN,
  startServer,
  TRIGGER_TOKEN,
  type TestServer,
} from './support/server.ts'
import { addJob, addPipeline } from './support/rows.ts'

let server: TestServer
let pipelineId: number
let jobId: number
beforeAll(async () => {
  server = await startServer()
  pipelineId = addPipeline(server.store)
  jobId = addJob(server.store, { pipelineId })
})
afterAll(() => server.close())

const UNAUTHORIZED = [401, 'application/json', '{"message":"401 Unauthorized"}']

describe('without a valid token', () => {
  const everyGet = (): readonly string[] => [
    '/version',
    '/metadata',
    '/user',
    '/projects',
    '/projects/9',
    '/projects/404',
    '/projects/9/pipelines',
    '/projects/9/pipelines/latest',
    '/projects/9/pipelines/abc',
    `/projects/9/pipelines/${pipelineId}`,
    `/projects/9/pipelines/${pipelineId}/jobs`,
    `/projects/9/pipelines/${pipelineId}/variables`,
    `/projects/9/pipelines/${pipelineId}/provenance`,
    `/projects/9/jobs/${jobId}`,
    `/projects/9/jobs/${jobId}/trace`,
  ]

  it('nothing is shown, existing or not', async () => {
    for (const path of everyGet()) {
      const received = await server.send(`/api/v4${path}`)
      expect([path, received.status, received.headers['content-type'], received.text]).toEqual([
        path,
        ...UNAUTHORIZED,
      ])
    }
  })

  it.each<[string, string, Record<string, string>]>([
    ['an unknown token', '', { 'PRIVATE-TOKEN': 'glpat-unknown' }],
    ['an empty token', '', { 'PRIVATE-TOKEN': '' }],
    ['a trigger token', '', { 'PRIVATE-TOKEN': TRIGGER_TOKEN }],
    ['a trigger token as parameter', `?private_token=${TRIGGER_TOKEN}`, {}],
    [
      'basic authentication',
      '',
      { Authorization: `Basic ${Buffer.from(`root:${ACCESS_TOKEN}`).toString('base64')}` },
    ],
    ['a cookie', '', { Cookie: `sluice_session=${ACCESS_TOKEN}` }],
  ])('%s is none', async (_what, query, headers) => {
    const received = await server.send(`/api/v4/user${query}`, { headers })
    expect([received.status, received.headers['content-type'], received.text]).toEqual(UNAUTHORIZED)
  })
})

describe('with a token', () => {
  it.each<[string, string, Record<string, string>]>([
    ['PRIVATE-TOKEN', '', { 'PRIVATE-TOKEN': ACCESS_TOKEN }],
    ['Authorization: Bearer', '', { Authorization: `Bearer ${ACCESS_TOKEN}` }],
    ['authorization: bearer', '', { authorization: `bearer ${ACCESS_TOKEN}` }],
    ['private_token', `?private_token=${ACCESS_TOKEN}`, {}],
    ['scope read_api', '', { 'PRIVATE-TOKEN': READ_TOKEN }],
  ])('%s', async (_what, query, headers) => {
    const received = await server.send(`/api/v4/user${query}`, { headers })
    expect(received.status).toBe(200)
    expect(JSON.parse(received.text)).toMatchObject({
      id: 1,
      username: 'root',
      name: 'Administrator',
      state: 'active',
      email: 'root@example.com',
    })
  })

  it('expired or revoked: says so', async () => {
    const { store } = server
    const add = (token: string): number =>
      store.accessTokens.add({ userId: 1, name: 't', token, scopes: ['api'] }, 0)
    const expired = add('glpat-expired')
    const revoked = add('glpat-revoked')
    const original = store.accessTokens.findByToken
    const changed = new Map([
      [expired, { expiresAt: server.clock.time }],
      [revoked, { revokedAt: 1 }],
    ])
    Object.assign(store.accessTokens, {
      findByToken(token: string) {
        const found = original(token)
        return found && { ...found, ...changed.get(found.id) }
      },
    })
    const asked = await Promise.all(
      ['glpat-expired', 'glpat-revoked'].map((token) =>
        server.send('/api/v4/user', { headers: { 'PRIVATE-TOKEN': token } }),
      ),
    )
    Object.assign(store.accessTokens, { findByToken: original })
    expect(asked.map(({ status, text }) => [status, text])).toEqual([
      [
        401,
        '{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}',
      ],
      [
        401,
        '{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}',
      ],
    ])
    expect(asked.map(({ headers }) => headers['www-authenticate'])).toEqual([
      expect.stringMatching(/^Bearer /),
      expect.stringMatching(/^Bearer /),
    ])
  })

  const PROJECT_NOT_FOUND = '{"message":"404 Project Not Found"}'
  it.each([
    ['the owner of the machine', ACCESS_TOKEN, '/projects/10', 200, '{"id":10,'],
    ['a member', DEVELOPER_TOKEN, '/projects/9', 200, '{"id":9,'],
    ['a member of another project', DEVELOPER_TOKEN, '/projects/10', 404, PROJECT_NOT_FOUND],
    ['a member of nothing', OUTSIDER_TOKEN, '/projects/9', 404, PROJECT_NOT_FOUND],
  ])('%s: %s', async (_what, token, path, status, begin) => {
    const received = await server.send(`/api/v4${path}`, { headers: { 'PRIVATE-TOKEN': token } })
    expect([received.status, received.text.slice(0, begin.length)]).toEqual([status, begin])
  })

  it('a developer reads the variables of his own pipelines only', async () => {
    const his = addPipeline(server.store, { userId: server.developer })
    const read = (id: number) =>
      server.send(`/api/v4/projects/9/pipelines/${id}/variables`, {
        headers: { 'PRIVATE-TOKEN': DEVELOPER_TOKEN },
      })
    expect((await read(his)).status).toBe(200)
    const refused = await read(pipelineId)
    expect([refused.status, refused.text]).toEqual([403, '{"message":"403 Forbidden"}'])
  })
})
