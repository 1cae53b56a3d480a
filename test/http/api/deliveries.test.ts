import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { form, type Received } from '../support/request.ts'
import {
  ACCESS_TOKEN,
  DEVELOPER_TOKEN,
  LEGACY_TRIGGER_TOKEN,
  MAINTAINER_TOKEN,
  startServer,
  TRIGGER_TOKEN,
  type TestServer,
} from '../support/server.ts'

let server: TestServer
beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.close())

const LIST = '/projects/9/trigger_requests'

async function trigger(fields: Readonly<Record<string, string>>): Promise<Received> {
  const sent = form({ ref: 'main', ...fields })
  return await server.send('/api/v4/projects/9/trigger/pipeline', {
    ...sent,
    headers: { ...sent.headers, 'User-Agent': 'curl/8' },
  })
}

const list = async (query = ''): Promise<Record<string, unknown>[]> =>
  JSON.parse((await server.get(LIST + query)).text) as Record<string, unknown>[]

const post = (path: string, token = ACCESS_TOKEN): Promise<Received> =>
  server.send(`/api/v4${path}`, { method: 'POST', headers: { 'PRIVATE-TOKEN': token } })

describe('trigger_requests', () => {
  it('tell all that is known, and no value', async () => {
    const { id } = JSON.parse((await trigger({ token: TRIGGER_TOKEN, 'variables[A]': 'hush' })).text) as {
      id: number
    }
    expect(await list()).toEqual([
      {
        id: 1,
        project_id: 9,
        received_at: '2016-11-04T09:36:13.747Z',
        remote_address: '127.0.0.1',
        user_agent: 'curl/8',
        form: 'urlencoded',
        ref: 'main',
        short_token: 'TOKE',
        trigger: { id: server.triggers.seed, description: 'seed document', short_token: 'TOKE' },
        variables: [{ key: 'A', value: '[MASKED]' }],
        status: 201,
        reason: null,
        duration_ms: 3,
        pipeline: {
          id,
          iid: 1,
          status: 'created',
          web_url: `${server.url}/fixtures/upload-to-s3/-/pipelines/${id}`,
        },
        idempotent_replay: false,
        replay_of: null,
        replayable: true,
      },
    ])
  })

  it('say why a request was refused, newest first, and can be narrowed', async () => {
    await trigger({ token: TRIGGER_TOKEN })
    await trigger({ token: 'glptt-unknown000000000000' })
    await trigger({ token: ACCESS_TOKEN })
    await trigger({})
    expect(
      (await list('?state=refused')).map((each) => [each['status'], each['reason'], each['short_token']]),
    ).toEqual([
      [400, 'token is missing', null],
      [404, 'a personal access token was sent where a trigger token is needed', 'glpa'],
      [404, 'no trigger has this token', 'unkn'],
    ])
    expect((await list('?state=accepted')).map((each) => each['status'])).toEqual([201])
    expect(await list(`?trigger_id=${server.triggers.legacy}`)).toEqual([])
    expect((await server.get(`${LIST}?per_page=3`)).headers['x-total']).toBe('4')
    expect((await server.get(`${LIST}?state=odd`)).text).toBe('{"error":"state does not have a valid value"}')
  })

  it('are for maintainers, of their own project', async () => {
    await trigger({ token: TRIGGER_TOKEN })
    const status = async (path: string, token: string): Promise<number> =>
      (await server.send(`/api/v4${path}`, { headers: { 'PRIVATE-TOKEN': token } })).status
    expect(await status(`${LIST}/1`, MAINTAINER_TOKEN)).toBe(200)
    expect(await status(LIST, DEVELOPER_TOKEN)).toBe(403)
    expect(await status('/projects/10/trigger_requests/1', ACCESS_TOKEN)).toBe(404)
    expect(await status(`${LIST}/99`, ACCESS_TOKEN)).toBe(404)
  })
})

describe('replay', () => {
  it('asks for the same once more', async () => {
    await trigger({ token: TRIGGER_TOKEN, 'variables[A]': 'hush', 'inputs[n]': '1' })
    const again = await post(`${LIST}/1/replay`)
    expect([again.status, JSON.parse(again.text)]).toEqual([
      201,
      expect.objectContaining({ source: 'trigger', ref: 'main' }),
    ])
    const [first, second] = server.engine.commands
    expect(second).toMatchObject({
      variables: first?.variables,
      inputs: { n: '1' },
      triggerId: server.triggers.seed,
      userId: 1,
      checkout: { kind: 'ref', ref: 'main' },
    })
    expect((await list())[0]).toMatchObject({ replay_of: 1, status: 201 })
  })

  it('of a pipeline', async () => {
    const { id } = JSON.parse((await trigger({ token: TRIGGER_TOKEN })).text) as { id: number }
    expect((await post(`/projects/9/pipelines/${id}/replay`)).status).toBe(201)
  })

  it('is refused when the token was wrong, or has ended since', async () => {
    await trigger({ token: 'glptt-unknown000000000000' })
    const unknown = await post(`${LIST}/1/replay`)
    expect([unknown.status, unknown.text]).toEqual([
      400,
      '{"message":"400 Bad request - what this request asked for is not kept"}',
    ])
    await trigger({ token: TRIGGER_TOKEN })
    server.engine.triggers.revoke(server.triggers.seed)
    const revoked = await post(`${LIST}/2/replay`)
    expect([revoked.status, revoked.text]).toEqual([400, expect.stringContaining('was revoked on')])
    expect(server.engine.commands).toHaveLength(1)
  })

  it('is not a way to run as somebody else', async () => {
    const { id } = JSON.parse((await trigger({ token: TRIGGER_TOKEN })).text) as { id: number }
    for (const path of [`${LIST}/1/replay`, `/projects/9/pipelines/${id}/replay`]) {
      const refused = await post(path, MAINTAINER_TOKEN)
      expect([refused.status, refused.text]).toEqual([
        403,
        '{"message":"403 Forbidden - the request ran as root; only root can send it again"}',
      ])
    }
    await trigger({ token: LEGACY_TRIGGER_TOKEN })
    expect((await post(`${LIST}/2/replay`, MAINTAINER_TOKEN)).status).toBe(201)
  })

  it('is for maintainers', async () => {
    await trigger({ token: TRIGGER_TOKEN })
    expect((await post(`${LIST}/1/replay`, DEVELOPER_TOKEN)).status).toBe(403)
  })
})

describe('what is kept', () => {
  it('values are nowhere in the database in plain text', async () => {
    await trigger({ token: TRIGGER_TOKEN, 'variables[A]': 'ThisValueIsHush' })
    const { readFileSync, readdirSync } = await import('node:fs')
    const files = readdirSync(server.store.stateDir).filter((name) => name.startsWith('sluice.db'))
    const bytes = files.map((name) => readFileSync(`${server.store.stateDir}/${name}`, 'latin1')).join('')
    expect(bytes).toContain('curl/8')
    expect(bytes).not.toContain('ThisValueIsHush')
    expect(bytes).not.toContain(TRIGGER_TOKEN)
  })

  it('goes by age, but for the provenance of pipelines that are there', async () => {
    const { id } = JSON.parse((await trigger({ token: TRIGGER_TOKEN })).text) as { id: number }
    await trigger({ token: 'glptt-unknown000000000000' })
    server.clock.time += 91 * 24 * 3600_000
    await trigger({ token: 'glptt-unknown000000000000' })
    server.engine.deliveries.prune()
    expect((await list()).map((each) => each['id'])).toEqual([3])
    expect(server.store.triggerRequests.ofPipeline(id)).toMatchObject({
      remoteAddress: '127.0.0.1',
      replayable: false,
    })
    expect(server.store.triggerRequests.newest(10).map((each) => each.id)).toEqual([3, 1])
  })

  it('goes by size and number, the oldest first', async () => {
    for (let n = 0; n < 6; n++) await trigger({ token: 'glptt-unknown000000000000' })
    server.store.triggerRequests.keepRefused(4)
    expect((await list()).map((each) => each['id'])).toEqual([6, 5, 4, 3])
    await trigger({ token: TRIGGER_TOKEN, 'variables[A]': 'x'.repeat(5000) })
    const before = server.store.triggerRequests.bytes()
    server.store.triggerRequests.free(before - 250)
    expect(server.store.triggerRequests.bytes()).toBeLessThan(500)
    expect((await list()).map((each) => [each['id'], each['replayable']])).toEqual([[7, false]])
  })
})
