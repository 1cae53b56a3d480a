import { beforeAll, describe, expect, it } from 'vitest'
import { DEVELOPER, liveServer, MAINTAINER, OUTSIDER, OWNER, type LiveServer } from '../support/live.ts'

let server: LiveServer
beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': 'job: {script: x}\n' })
})

interface ScheduleBody {
  readonly id: number
  readonly owner: { readonly username: string }
}

const make = async (more: object = {}, token = DEVELOPER): Promise<ScheduleBody> => {
  const made = await server.call(
    'POST',
    '/pipeline_schedules',
    { description: 'nightly', ref: 'main', cron: '0 1 * * *', ...more },
    token,
  )
  if (made.status !== 201) throw new Error(made.text)
  return made.body
}

describe('one schedule', () => {
  it('has the keys of GitLab, then ours', async () => {
    const made = await make({ cron_timezone: 'Pacific Time (US & Canada)' })
    expect(Object.keys(made).join(' ')).toBe(
      'id description ref cron cron_timezone next_run_at active created_at updated_at owner inputs missed missed_runs last_run_at last_error declared_at last_pipeline variables',
    )
    expect(made).toMatchObject({
      description: 'nightly',
      ref: 'refs/heads/main',
      cron: '0 1 * * *',
      cron_timezone: 'Pacific Time (US & Canada)',
      active: true,
      owner: { username: 'dev' },
      inputs: [],
      last_pipeline: null,
      variables: [],
    })
    const list = await server.call('GET', '/pipeline_schedules?scope=active')
    expect(Object.keys((list.body as object[])[0] ?? {})).not.toContain('variables')
    expect((await server.call('GET', '/pipeline_schedules?scope=inactive')).text).toBe('[]')
  })

  it('changes, and plans its next run anew', async () => {
    const { id } = await make()
    const changed = await server.call('PUT', `/pipeline_schedules/${id}`, {
      cron: '30 4 1 1 *',
      active: false,
      inputs: [{ name: 'a', value: [1, 2] }],
    })
    expect([changed.status, changed.body]).toMatchObject([
      200,
      { cron: '30 4 1 1 *', active: false, description: 'nightly', inputs: [{ name: 'a', value: [1, 2] }] },
    ])
    expect((changed.body as { next_run_at: string }).next_run_at).toMatch(/-01-01T04:30:00.000Z$/)
    const without = await server.call('PUT', `/pipeline_schedules/${id}`, {
      inputs: [{ name: 'a', destroy: true }],
    })
    expect(without.body).toMatchObject({ inputs: [] })
  })

  it('is deleted once', async () => {
    const { id } = await make()
    const gone = await server.call('DELETE', `/pipeline_schedules/${id}`)
    expect([gone.status, gone.text]).toEqual([204, ''])
    const again = await server.call('DELETE', `/pipeline_schedules/${id}`)
    expect([again.status, again.text]).toEqual([404, '{"message":"404 Pipeline Schedule Not Found"}'])
  })

  it('changes hands: 201, and 200 for whoever has it', async () => {
    const { id } = await make()
    const path = `/pipeline_schedules/${id}/take_ownership`
    // GitLab: whoever has it already is told so, whatever the role.
    expect((await server.call('POST', path, undefined, DEVELOPER)).status).toBe(200)
    const notTheirs = await server.call('PUT', `/pipeline_schedules/${id}`, { cron: '1 1 1 1 1' }, MAINTAINER)
    expect([notTheirs.status, notTheirs.text]).toEqual([403, '{"message":"403 Forbidden"}'])
    const taken = await server.call('POST', path, undefined, MAINTAINER)
    expect([taken.status, (taken.body as ScheduleBody).owner.username]).toEqual([201, 'max'])
    expect((await server.call('POST', path, undefined, MAINTAINER)).status).toBe(200)
    expect((await server.call('POST', path, undefined, DEVELOPER)).status).toBe(403)
    const refused = await server.call('PUT', `/pipeline_schedules/${id}`, { cron: '1 1 1 1 1' }, DEVELOPER)
    expect([refused.status, refused.text]).toEqual([403, '{"message":"403 Forbidden"}'])
  })

  it('is played as the caller, and lists its pipelines', async () => {
    const { id } = await make()
    const made = new Promise<void>((resolve) => {
      const stop = server.app.engine.events.on(() => {
        stop()
        resolve()
      })
    })
    const played = await server.call('POST', `/pipeline_schedules/${id}/play`, undefined, MAINTAINER)
    expect([played.status, played.text]).toEqual([201, '{"message":"201 Created"}'])
    await made
    const pipelines = (await server.call('GET', `/pipeline_schedules/${id}/pipelines`)).body as {
      id: number
      source: string
    }[]
    expect(pipelines.map(({ source }) => source)).toEqual(['schedule'])
    const shown = await server.call('GET', `/pipeline_schedules/${id}`)
    expect(shown.body).toMatchObject({ last_pipeline: { id: pipelines[0]?.id } })
    const pipeline = await server.call('GET', `/pipelines/${pipelines[0]?.id}`)
    expect(pipeline.body).toMatchObject({ user: { username: 'max' } })
    expect((await server.call('GET', `/pipeline_schedules/${id}/pipelines?status=failed`)).text).toBe('[]')
  })
})

describe('a declared schedule', () => {
  it('is read and played only, and says where it is declared', async () => {
    const at = 'runner.config.yaml:30:5'
    const input = { description: 'filed', ref: 'main', cron: '0 4 1 1 *', timezone: 'UTC', active: true }
    await server.app.engine.schedules.declare(
      9,
      [{ ...input, inputs: {}, missed: 'once', variables: [], at }],
      1,
    )
    const list = (await server.call('GET', '/pipeline_schedules')).body as {
      id: number
      description: string
    }[]
    const path = `/pipeline_schedules/${list.find(({ description }) => description === 'filed')?.id}`
    expect((await server.call('GET', path)).body).toMatchObject({ declared_at: at })
    const text = `{"message":"403 Forbidden - the schedule is declared at ${at} and can only be changed there"}`
    for (const [method, below, body] of [
      ['PUT', '', { active: false }],
      ['DELETE', '', undefined],
      ['POST', '/take_ownership', undefined],
      ['POST', '/variables', { key: 'A', value: '1' }],
      ['PUT', '/variables/A', { value: '1' }],
      ['DELETE', '/variables/A', undefined],
    ] as const) {
      const answer = await server.call(method, path + below, body)
      expect([method, below, answer.status, answer.text]).toEqual([method, below, 403, text])
    }
    expect((await server.call('GET', `${path}/variables`)).text).toBe('[]')
    expect((await server.call('POST', `${path}/play`)).status).toBe(201)
  })
})

describe('the list', () => {
  it('begins with the newest', async () => {
    const [older, newer] = [await make(), await make()]
    const list = (await server.call('GET', '/pipeline_schedules')).body as ScheduleBody[]
    expect(list.slice(0, 2).map(({ id }) => id)).toEqual([newer.id, older.id])
  })
})

describe('refused', () => {
  const all = { description: 'd', ref: 'main', cron: '0 1 * * *' }
  it.each([
    [{}, '{"error":"description is missing, ref is missing, ref is empty, cron is missing"}'],
    [{ ...all, ref: '' }, '{"error":"ref is empty"}'],
    [{ description: 'd', ref: 'main' }, '{"error":"cron is missing"}'],
    [
      { ...all, cron: '0 99 * * *' },
      '{"message":{"cron":[" is invalid syntax"]},"detail":"hour 99 is above 23, at character 3 of \\"0 99 * * *\\""}',
    ],
    [
      { ...all, cron_timezone: 'Moon' },
      '{"message":{"cron_timezone":[" is invalid syntax"]},"detail":"there is no time zone \\"Moon\\""}',
    ],
    [{ ...all, description: ' ' }, `{"message":{"description":["can't be blank"]}}`],
    [
      { ...all, cron: '', cron_timezone: '', description: '' },
      `{"message":{"cron":[" is invalid syntax","can't be blank"],"cron_timezone":["can't be blank"],"description":["can't be blank"]},"detail":"it is empty, at character 1 of \\"\\""}`,
    ],
    [
      { ...all, inputs: Array.from({ length: 21 }, (_, index) => ({ name: `n${index}`, value: 1 })) },
      '{"message":{"inputs":["exceeds the limit of 20."]}}',
    ],
    [{ ...all, inputs: [{ value: 1 }] }, '{"error":"inputs[0][name] is missing"}'],
  ])('%j', async (body, text) => {
    const answer = await server.call('POST', '/pipeline_schedules', body)
    expect([answer.status, answer.text]).toEqual([400, text])
  })

  it('to strangers', async () => {
    const answer = await server.call('GET', '/pipeline_schedules', undefined, OUTSIDER)
    expect([answer.status, answer.text]).toEqual([404, '{"message":"404 Project Not Found"}'])
  })
})

describe('variables', () => {
  it('live their life', async () => {
    const { id } = await make()
    const path = `/pipeline_schedules/${id}/variables`
    const made = await server.call('POST', path, { key: 'A', value: '1' })
    expect([made.status, made.text]).toEqual([
      201,
      '{"variable_type":"env_var","key":"A","value":"1","raw":false}',
    ])
    const twice = await server.call('POST', path, { key: 'A', value: '1' })
    expect([twice.status, twice.text]).toEqual([400, '{"message":{"key":["(A) has already been taken"]}}'])
    const changed = await server.call('PUT', `${path}/A`, { value: '2', variable_type: 'file' })
    expect([changed.status, changed.text]).toEqual([
      200,
      '{"variable_type":"file","key":"A","value":"2","raw":false}',
    ])
    expect((await server.call('GET', `${path}/A`)).text).toBe(changed.text)
    expect((await server.call('GET', path)).text).toBe(`[${changed.text}]`)
    const shown = await server.call('GET', `/pipeline_schedules/${id}`)
    expect((shown.body as { variables: object[] }).variables).toHaveLength(1)
    const gone = await server.call('DELETE', `${path}/A`)
    expect([gone.status, gone.text]).toEqual([202, changed.text])
    const missing = await server.call('DELETE', `${path}/A`)
    expect([missing.status, missing.text]).toEqual([
      404,
      '{"message":"404 Pipeline Schedule Variable Not Found"}',
    ])
  })

  it('are shown to the owner and to maintainers only', async () => {
    const { id } = await make({}, OWNER)
    const seen = async (token: string) =>
      'variables' in
      ((await server.call('GET', `/pipeline_schedules/${id}`, undefined, token)).body as object)
    expect([await seen(OWNER), await seen(MAINTAINER), await seen(DEVELOPER)]).toEqual([true, true, false])
  })
})
