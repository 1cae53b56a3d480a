import { afterAll, beforeAll, expect, it } from 'vitest'
import { form, jsonBody } from './support/request.ts'
import {
  DEVELOPER_TOKEN,
  OUTSIDER_TOKEN,
  startServer,
  TRIGGER_TOKEN,
  type TestServer,
} from './support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  server.store.write('normal', () => {
    const { projects } = server.store
    const row = { id: 9, path: '/srv/a', defaultBranch: 'main' }
    projects.put({ ...row, name: 'old/name' }, 0)
    projects.put({ ...row, name: 'fixtures/upload-to-s3' }, 0)
  })
})
afterAll(() => server.close())

it.each([
  ['/projects/old%2Fname', '/projects/9'],
  ['/projects/OLD%2Fname/pipelines?per_page=5&ref=a%2Fb', '/projects/9/pipelines?per_page=5&ref=a%2Fb'],
])('GET %s leads to the number', async (path, elsewhere) => {
  const location = `${server.url}/api/v4${elsewhere}`
  const received = await server.get(path)
  expect([
    received.status,
    received.headers.location,
    received.headers['content-type'],
    received.text,
  ]).toEqual([301, location, 'text/plain', `This resource has been moved permanently to ${location}.`])
})

it.each(['POST', 'PUT', 'DELETE'])('%s is not allowed', async (method) => {
  const path = method === 'POST' ? '/projects/old%2Fname/pipeline' : '/projects/old%2Fname/variables/A'
  const sent = jsonBody({ ref: 'main' }, { 'PRIVATE-TOKEN': DEVELOPER_TOKEN })
  const received = await server.send(`/api/v4${path}`, { ...sent, method })
  expect([received.status, received.headers['content-type'], received.text]).toEqual([
    405,
    'application/json',
    '{"message":"Non GET methods are not allowed for moved projects"}',
  ])
})

it('is hidden from whom the project is hidden, and other paths are unknown', async () => {
  const hidden = { headers: { 'PRIVATE-TOKEN': OUTSIDER_TOKEN } }
  for (const [path, sent] of [
    ['/projects/old%2Fname', hidden],
    ['/projects/older%2Fname', { headers: { 'PRIVATE-TOKEN': DEVELOPER_TOKEN } }],
  ] as const) {
    const received = await server.send(`/api/v4${path}`, sent)
    expect([received.status, received.text]).toEqual([404, '{"message":"404 Project Not Found"}'])
  }
})

it('a trigger finds it, as on GitLab', async () => {
  const received = await server.send(
    '/api/v4/projects/old%2Fname/trigger/pipeline',
    form({ token: TRIGGER_TOKEN, ref: 'main' }),
  )
  expect(received.status).toBe(201)
})
