import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

it('GET /projects goes on by id', async () => {
  const first = await server.get('/projects?pagination=keyset&order_by=id&sort=asc&per_page=1')
  expect((JSON.parse(first.text) as { id: number }[]).map(({ id }) => id)).toEqual([9])
  expect([first.headers['x-page'], String(first.headers.link).replace(server.url, '')]).toEqual([
    undefined,
    '</api/v4/projects?id_after=9&order_by=id&pagination=keyset&per_page=1&sort=asc>; rel="next"',
  ])
  const second = await server.get('/projects?pagination=keyset&order_by=id&sort=asc&per_page=1&id_after=9')
  expect((JSON.parse(second.text) as { id: number }[]).map(({ id }) => id)).toEqual([10])
  expect(second.headers.link).toBeUndefined()
})

it('by nothing else', async () => {
  const answer = await server.get('/projects?pagination=keyset&order_by=name')
  expect([answer.status, answer.text]).toEqual([
    405,
    '{"error":"Keyset pagination is not yet available for this type of request"}',
  ])
})

it.each(['OPTIONS', 'PATCH', 'TRACE'])('%s of a known path is not there, in JSON', async (method) => {
  const answer = await server.send('/api/v4/projects/9/pipelines', { method })
  expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
    404,
    'application/json',
    '{"error":"404 Not Found"}',
  ])
})
