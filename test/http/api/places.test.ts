import { beforeAll, describe, expect, it } from 'vitest'
import { DEVELOPER, liveServer, MAINTAINER, OUTSIDER, OWNER, type LiveServer } from '../support/live.ts'

const CI = `
stages: [build, deploy]
deploy: {stage: build, script: x, environment: {name: production, url: https://app.example}, resource_group: prod}
review: {stage: deploy, script: x, environment: {name: review/one}, resource_group: prod}
`

let server: LiveServer
beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': CI })
  await server.pipeline()
})

interface Named {
  readonly id: number
  readonly name: string
}

describe('resource groups', () => {
  it('are listed, shown and changed', async () => {
    const list = (await server.call('GET', '/resource_groups')).body as object[]
    expect(list).toMatchObject([{ key: 'prod', process_mode: 'unordered' }])
    expect(Object.keys(list[0] ?? {}).join(' ')).toBe('id key process_mode created_at updated_at')
    expect((await server.call('GET', '/resource_groups/prod', undefined, DEVELOPER)).body).toMatchObject({
      key: 'prod',
    })
    const changed = await server.call(
      'PUT',
      '/resource_groups/prod',
      { process_mode: 'oldest_first' },
      DEVELOPER,
    )
    expect([changed.status, changed.body]).toMatchObject([200, { process_mode: 'oldest_first' }])
    const wrong = await server.call('PUT', '/resource_groups/prod', { process_mode: 'x' })
    expect([wrong.status, wrong.text]).toEqual([400, '{"error":"process_mode does not have a valid value"}'])
    const unknown = await server.call('GET', '/resource_groups/nope')
    expect([unknown.status, unknown.text]).toEqual([404, '{"message":"404 Not found"}'])
  })

  it('say who has the resource and who is next', async () => {
    const current = (await server.call('GET', '/resource_groups/prod/current_job')).body as Named
    expect([current.name, 'artifacts' in current]).toEqual(['deploy', false])
    const next = (await server.call('GET', '/resource_groups/prod/upcoming_jobs')).body as Named[]
    expect(next.map(({ name }) => name)).toEqual(['review'])
  })
})

describe('environments and deployments', () => {
  it('come with their jobs', async () => {
    await server.finish('deploy')
    const list = (await server.call('GET', '/environments')).body as Named[]
    expect(list.map(({ name }) => name)).toEqual(['production', 'review/one'])
    expect(Object.keys(list[0] ?? {}).join(' ')).toBe(
      'id name slug external_url created_at updated_at tier state auto_stop_at',
    )
    const one = (await server.call('GET', `/environments/${list[0]?.id}`)).body as object
    expect(one).toMatchObject({
      name: 'production',
      tier: 'production',
      state: 'available',
      external_url: 'https://app.example',
      last_deployment: { iid: 1, status: 'success', ref: 'main', deployable: { name: 'deploy' } },
    })
    const deployments = (await server.call('GET', '/deployments?environment=production')).body as object[]
    expect(deployments).toMatchObject([
      { iid: 1, environment: { name: 'production' }, user: { username: 'root' } },
    ])
    expect((await server.call('GET', '/deployments?status=failed')).text).toBe('[]')
    const { id } = deployments[0] as Named
    expect((await server.call('GET', `/deployments/${id}`)).body).toMatchObject({ id, iid: 1 })
    expect((await server.call('GET', '/deployments/999')).text).toBe('{"message":"404 Not found"}')
  })

  it('are found by name, part of a name and state', async () => {
    const names = async (query: string) =>
      ((await server.call('GET', `/environments${query}`)).body as Named[]).map(({ name }) => name)
    expect(await names('?name=production')).toEqual(['production'])
    expect(await names('?search=VIEW')).toEqual(['review/one'])
    expect(await names('?states=stopped')).toEqual([])
    expect((await server.call('GET', '/environments?search=ab')).text).toBe(
      '{"message":"400 Bad request - Search query is less than 3 characters"}',
    )
    expect((await server.call('GET', '/environments?search=abc&name=x')).text).toBe(
      '{"error":"name, search cannot be used together"}',
    )
  })

  it('are changed, stopped, and only then deleted', async () => {
    const [first] = (await server.call('GET', '/environments?name=production')).body as Named[]
    const path = `/environments/${first?.id}`
    expect((await server.call('PUT', path, { tier: 'staging' })).body).toMatchObject({ tier: 'staging' })
    expect((await server.call('DELETE', path)).status).toBe(403)
    const stopped = await server.call('POST', `${path}/stop`, undefined, DEVELOPER)
    expect([stopped.status, stopped.body]).toMatchObject([200, { state: 'stopped' }])
    expect((await server.call('DELETE', path)).status).toBe(204)
    const gone = await server.call('GET', path)
    expect([gone.status, gone.text]).toEqual([404, '{"message":"404 Not found"}'])
    expect((await server.call('POST', '/environments/999/stop')).status).toBe(404)
  })
})

describe('runners', () => {
  it('of everybody are for the owner of the machine', async () => {
    const statusFor = async (token: string): Promise<number> =>
      (await server.send('/api/v4/runners/all', { headers: { 'PRIVATE-TOKEN': token } })).status
    expect([await statusFor(OWNER), await statusFor(MAINTAINER)]).toEqual([200, 403])
  })

  it('are the one in this process', async () => {
    const list = (await server.call('GET', '/runners')).body as object[]
    expect(list).toMatchObject([{ id: 1, runner_type: 'instance_type', online: true, status: 'online' }])
    expect((await server.call('GET', '/runners?type=project_type')).text).toBe('[]')
    const wrong = await server.call('GET', '/runners?type=x')
    expect([wrong.status, wrong.text]).toEqual([400, '{"error":"type does not have a valid value"}'])
  })
})

describe('what no route can take', () => {
  it.each(['/pipelines?ref=a%00b', '/repository/commits?path=%00', '/variables/A%00', '/jobs?scope[]=%00'])(
    '%s',
    async (path) => {
      const answer = await server.call('GET', path)
      expect([answer.status, answer.text]).toEqual([400, '{"message":"400 Bad request"}'])
    },
  )

  it.each(['/environments', '/resource_groups', '/deployments', '/variables', '/artifacts'])(
    '%s is not there for strangers',
    async (path) => {
      const answer = await server.call(path === '/artifacts' ? 'DELETE' : 'GET', path, undefined, OUTSIDER)
      expect([answer.status, answer.text]).toEqual([404, '{"message":"404 Project Not Found"}'])
    },
  )
})
