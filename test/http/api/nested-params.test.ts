import { beforeAll, describe, expect, it } from 'vitest'
import { liveServer, OWNER, type LiveServer } from '../support/live.ts'
import { send } from '../support/request.ts'

// Brackets and lists in forms, as Rack reads them, through a real route.

let server: LiveServer
beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': 'build: {script: [make]}\n' })
})

function create(body: string) {
  return send(server.port, '/api/v4/projects/9/pipeline', {
    method: 'POST',
    headers: { 'PRIVATE-TOKEN': OWNER, 'Content-Type': 'application/x-www-form-urlencoded' },
    body,
  })
}

describe('a list of variables', () => {
  it.each([
    ['without numbers', 'variables[][key]=A&variables[][value]=1&variables[][key]=B&variables[][value]=2'],
    ['with numbers', 'variables[0][key]=A&variables[0][value]=1&variables[1][key]=B&variables[1][value]=2'],
  ])('%s', async (_what, variables) => {
    const made = await create(`ref=main&${variables}`)
    expect(made.status).toBe(201)
    const { id, source } = JSON.parse(made.text) as { id: number; source: string }
    expect(source).toBe('api')
    expect((await server.call('GET', `/pipelines/${id}/variables`)).body).toEqual([
      { variable_type: 'env_var', key: 'A', value: '1', raw: false },
      { variable_type: 'env_var', key: 'B', value: '2', raw: false },
    ])
  })

  it.each([
    ['no ref', 'variables[][key]=A', '{"error":"ref is missing"}'],
    ['a map', 'ref=main&variables[A]=b', '{"error":"variables is invalid"}'],
    [
      'a type that is none',
      'ref=main&variables[][key]=A&variables[][value]=1&variables[][variable_type]=x',
      '{"error":"variables[0][variable_type] does not have a valid value"}',
    ],
    [
      'a repeated key',
      'ref=main&variables[][key]=A&variables[][value]=1&variables[][key]=A&variables[][value]=2',
      '{"message":{"base":["Duplicate variable name: A"]}}',
    ],
  ])('%s: 400', async (_what, body, text) => {
    const refused = await create(body)
    expect([refused.status, refused.headers['content-type'], refused.text]).toEqual([
      400,
      'application/json',
      text,
    ])
  })
})

it.each(['-9', '0', '99999999999999999999'])('project %s is a number that nobody has', async (id) => {
  const received = await send(server.port, `/api/v4/projects/${id}`, { headers: { 'PRIVATE-TOKEN': OWNER } })
  expect([received.status, received.text]).toEqual([404, '{"message":"404 Project Not Found"}'])
})
