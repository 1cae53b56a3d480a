import { beforeAll, describe, expect, it } from 'vitest'
import { DEVELOPER, liveServer, MAINTAINER, OWNER, type LiveServer } from '../support/live.ts'

let server: LiveServer
beforeAll(async () => {
  server = await liveServer(
    { '.gitlab-ci.yml': 'show: {script: env}\nopen: {script: env, rules: [{if: $SWITCH == "on"}]}\n' },
    [
      {
        key: 'DECLARED',
        value: 'file',
        file: false,
        raw: false,
        masked: false,
        origin: 'project',
        protected: false,
        environmentScope: '*',
        declaredAt: 'runner.config.yaml:12:7',
      },
    ],
  )
})

const post = (body: unknown, token = MAINTAINER) => server.call('POST', '/variables', body, token)

describe('one variable', () => {
  it('is created with defaults, key for key', async () => {
    const made = await post({ key: ' NEW ', value: 'v' })
    expect([made.status, made.text]).toEqual([
      201,
      '{"variable_type":"env_var","key":"NEW","value":"v","hidden":false,"protected":false,"masked":false,"raw":false,"environment_scope":"*","description":null}',
    ])
    expect((await server.call('GET', '/variables/NEW')).text).toBe(made.text)
  })

  it('is updated, what was not sent staying as it was', async () => {
    const changed = await server.call('PUT', '/variables/NEW', {
      value: 'w',
      protected: true,
      description: 'why',
    })
    expect([changed.status, changed.text]).toEqual([
      200,
      '{"variable_type":"env_var","key":"NEW","value":"w","hidden":false,"protected":true,"masked":false,"raw":false,"environment_scope":"*","description":"why"}',
    ])
    const back = await server.call('PUT', '/variables/NEW', { variable_type: 'file', protected: false })
    expect(back.body).toMatchObject({
      variable_type: 'file',
      value: 'w',
      protected: false,
      description: 'why',
    })
  })

  it('is deleted once', async () => {
    await post({ key: 'GOING', value: '1' })
    const gone = await server.call('DELETE', '/variables/GOING')
    expect([gone.status, gone.text, gone.headers['content-type']]).toEqual([204, '', undefined])
    const again = await server.call('DELETE', '/variables/GOING')
    expect([again.status, again.text]).toEqual([404, '{"message":"404 Variable Not Found"}'])
  })
})

describe('refused', () => {
  it.each([
    ['no key', { value: 'x' }, '{"error":"key is missing"}'],
    ['no value', { key: 'A' }, '{"error":"value is missing"}'],
    ['nothing', {}, '{"error":"key is missing, value is missing"}'],
    [
      'a type',
      { key: 'A', value: 'x', variable_type: 'x' },
      '{"error":"variable_type does not have a valid value"}',
    ],
    ['a flag', { key: 'A', value: 'x', masked: 'maybe' }, '{"error":"masked is invalid"}'],
    [
      'a key',
      { key: 'A-B', value: 'x' },
      `{"message":{"key":["can contain only letters, digits and '_'."]}}`,
    ],
    [
      'a long key',
      { key: 'A'.repeat(256), value: 'x' },
      '{"message":{"key":["is too long (maximum is 255 characters)"]}}',
    ],
    [
      'a key that is there',
      { key: 'NEW', value: 'x' },
      '{"message":{"key":["(NEW) has already been taken"]}}',
    ],
    [
      'a declared key',
      { key: 'DECLARED', value: 'x' },
      '{"message":{"key":["(DECLARED) has already been taken"]}}',
    ],
    ['masked, short', { key: 'A', value: 'short', masked: true }, '{"message":{"value":["is invalid"]}}'],
    ['masked, a $', { key: 'A', value: 'long$enough', masked: true }, '{"message":{"value":["is invalid"]}}'],
    [
      'a description',
      { key: 'A', value: 'x', description: 'd'.repeat(256) },
      '{"message":{"description":["is too long (maximum is 255 characters)"]}}',
    ],
    [
      'a scope',
      { key: 'A', value: 'x', environment_scope: 'a?b' },
      `{"message":{"environment_scope":["can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*' and spaces"]}}`,
    ],
  ])('%s', async (_what, body, text) => {
    const answer = await post(body)
    expect([answer.status, answer.text]).toEqual([400, text])
  })

  it('to developers', async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await server.call(
        method,
        '/variables',
        method === 'POST' ? { key: 'A', value: 'b' } : undefined,
        DEVELOPER,
      )
      expect([answer.status, answer.text]).toEqual([403, '{"message":"403 Forbidden"}'])
    }
  })
})

describe('masked', () => {
  it('takes any 8 characters without a space when nothing is expanded', async () => {
    const made = await post({ key: 'RAW', value: 'long$enough', masked: true, raw: true })
    expect(made.status).toBe(201)
  })

  it('and hidden is never shown again, nor made visible', async () => {
    const made = await post({ key: 'SECRET', value: 'never-shown', masked_and_hidden: true })
    expect(made.body).toMatchObject({ value: null, masked: true, hidden: true })
    expect((await server.call('GET', '/variables/SECRET')).body).toMatchObject({ value: null })
    const shown = await server.call('PUT', '/variables/SECRET', { masked: false })
    expect([shown.status, shown.text]).toEqual([
      400,
      '{"message":{"base":["The visibility setting cannot be changed for masked and hidden variables."]}}',
    ])
    const changed = await server.call('PUT', '/variables/SECRET', { value: 'another-secret' })
    expect([changed.status, (changed.body as { value: null }).value]).toEqual([200, null])
  })
})

describe('scopes', () => {
  it('make one key several variables, told apart by the filter', async () => {
    await post({ key: 'HOST', value: 'one' })
    await post({ key: 'HOST', value: 'two', environment_scope: 'prod/*' })
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await server.call(
        method,
        '/variables/HOST',
        method === 'PUT' ? { value: 'x' } : undefined,
      )
      expect([answer.status, answer.text]).toEqual([
        409,
        `{"message":"There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"}`,
      ])
    }
    const found = await server.call('GET', '/variables/HOST?filter[environment_scope]=prod/*')
    expect(found.body).toMatchObject({ value: 'two' })
    const changed = await server.call('PUT', '/variables/HOST', {
      value: '2',
      filter: { environment_scope: 'prod/*' },
    })
    expect(changed.body).toMatchObject({ value: '2', environment_scope: 'prod/*' })
    const deleted = await server.call('DELETE', '/variables/HOST', {
      filter: { environment_scope: 'prod/*' },
    })
    expect(deleted.status).toBe(204)
    expect((await server.call('GET', '/variables/HOST')).body).toMatchObject({ value: 'one' })
  })
})

describe('declared variables', () => {
  it('are listed with their place, and changed there only', async () => {
    const list = await server.call('GET', '/variables')
    expect((list.body as object[])[0]).toEqual({
      variable_type: 'env_var',
      key: 'DECLARED',
      value: 'file',
      hidden: false,
      protected: false,
      masked: false,
      raw: false,
      environment_scope: '*',
      description: null,
      declared_at: 'runner.config.yaml:12:7',
    })
    for (const method of ['PUT', 'DELETE']) {
      const answer = await server.call(
        method,
        '/variables/DECLARED',
        method === 'PUT' ? { value: 'x' } : undefined,
      )
      expect([answer.status, answer.text]).toEqual([
        403,
        '{"message":"403 Forbidden - DECLARED is declared at runner.config.yaml:12:7 and can only be changed there"}',
      ])
    }
  })
})

describe('in pipelines', () => {
  const seen = (payload: Awaited<ReturnType<LiveServer['take']>>, key: string) =>
    payload.variables.filter((each) => each.key === key).map(({ value, masked }) => [value, masked])

  it('rules and jobs see them; protected ones on the default branch only', async () => {
    await post({ key: 'SWITCH', value: 'on', protected: true })
    await post({ key: 'TOKEN', value: 'abcdefgh12', masked: true })
    await server.pipeline()
    const onMain = await server.take('show')
    expect([seen(onMain, 'SWITCH'), seen(onMain, 'TOKEN'), seen(onMain, 'DECLARED')]).toEqual([
      [['on', false]],
      [['abcdefgh12', true]],
      [['file', false]],
    ])
    await server.take('open')

    server.repository.git('branch', 'feature')
    const feature = await server.pipeline({ ref: 'feature' })
    expect(server.app.store.jobs.headsOf(feature).map(({ name }) => name)).toEqual(['show'])
    const elsewhere = await server.take('show')
    expect([seen(elsewhere, 'SWITCH'), seen(elsewhere, 'TOKEN')]).toEqual([[], [['abcdefgh12', true]]])
  })

  it('lint sees them too', async () => {
    const answer = await server.send('/api/v4/projects/9/ci/lint?dry_run=true&include_jobs=true', {
      headers: { 'PRIVATE-TOKEN': OWNER },
    })
    expect((JSON.parse(answer.text) as { jobs: { name: string }[] }).jobs.map(({ name }) => name)).toEqual([
      'show',
      'open',
    ])
  })
})
