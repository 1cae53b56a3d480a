import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEVELOPER_TOKEN, startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

it('version and metadata', async () => {
  expect((await server.get('/version')).text).toBe('{"version":"18.5.0","revision":"sluice"}')
  expect((await server.get('/metadata')).text).toBe(
    '{"version":"18.5.0","revision":"sluice","kas":{"enabled":false,"externalUrl":null,"version":null},"enterprise":false}',
  )
})

it('a project has what clients read, in order', async () => {
  const project = JSON.parse((await server.get('/projects/9')).text) as Record<string, unknown>
  expect(Object.keys(project).slice(0, 19).join(' ')).toBe(
    'id description name name_with_namespace path path_with_namespace created_at default_branch tag_list topics ssh_url_to_repo http_url_to_repo web_url readme_url forks_count avatar_url star_count last_activity_at namespace',
  )
  expect(project).toMatchObject({
    id: 9,
    name: 'upload-to-s3',
    name_with_namespace: 'fixtures / upload-to-s3',
    path: 'upload-to-s3',
    path_with_namespace: 'fixtures/upload-to-s3',
    default_branch: 'main',
    web_url: `${server.url}/fixtures/upload-to-s3`,
    namespace: {
      id: 9,
      name: 'fixtures',
      path: 'fixtures',
      kind: 'group',
      full_path: 'fixtures',
      parent_id: null,
    },
    visibility: 'private',
  })
})

it.each([
  ['', [9, 10]],
  ['?sort=desc', [10, 9]],
  ['?search=UPLOAD', [9]],
  ['?search=none', []],
  ['?per_page=1&page=2', [10]],
])('projects%s', async (query, ids) => {
  const received = await server.get(`/projects${query}`)
  expect((JSON.parse(received.text) as { id: number }[]).map((each) => each.id)).toEqual(ids)
})

it('projects?simple=true has the first keys only', async () => {
  const { text } = await server.get('/projects?simple=true&per_page=1')
  const [project = {}] = JSON.parse(text) as Record<string, unknown>[]
  expect(Object.keys(project).join(' ')).toBe(
    'id description name name_with_namespace path path_with_namespace created_at default_branch tag_list topics ssh_url_to_repo http_url_to_repo web_url readme_url forks_count avatar_url star_count last_activity_at namespace',
  )
})

it('lists only what the user may read, and links with the list’s own address', async () => {
  const received = await server.send('/api/v4/projects', { headers: { 'PRIVATE-TOKEN': DEVELOPER_TOKEN } })
  expect((JSON.parse(received.text) as { id: number }[]).map((each) => each.id)).toEqual([9])
  expect(received.headers.link).toBe(
    `<${server.url}/api/v4/projects?page=1&per_page=20>; rel="first", <${server.url}/api/v4/projects?page=1&per_page=20>; rel="last"`,
  )
})
