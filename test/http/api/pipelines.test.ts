import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addJob, addPipeline, CREATED_AT, runJob, SHA } from '../support/rows.ts'
import { DEVELOPER_TOKEN, MAINTAINER_TOKEN, startServer, type TestServer } from '../support/server.ts'

let server: TestServer
const made: Record<string, number> = {}
const add = (name: string, row: Parameters<typeof addPipeline>[1] = {}): number =>
  (made[name] = addPipeline(server.store, row))

beforeAll(async () => {
  server = await startServer()
  add('first', { status: 'success', source: 'push', ref: 'main', name: 'nightly' })
  add('dev', { status: 'running', ref: 'feature/x', userId: server.developer, sha: 'a'.repeat(40) })
  add('broken', { status: 'failed', configError: 'jobs config should contain at least one visible job' })
  add('child', { source: 'parent_pipeline', ref: 'main' })
  add('tagged', { status: 'pending', ref: 'v1.0', tag: true, createdAt: CREATED_AT + 60_000 })
  add('foreign', { projectId: 10 })
})
afterAll(() => server.close())

describe('the list', () => {
  const list = async (query: string): Promise<(string | undefined)[]> => {
    const received = await server.get(`/projects/9/pipelines${query}`)
    expect([received.status, received.text]).toEqual([200, expect.stringMatching(/^\[/)])
    const ids = (JSON.parse(received.text) as { id: number }[]).map((each) => each.id)
    return ids.map((id) => Object.keys(made).find((name) => made[name] === id))
  }

  it('has the keys of PipelineBasicWithMetadata, in order', async () => {
    const received = await server.get('/projects/9/pipelines?status=success')
    expect(received.text).toBe(
      `[{"id":${made['first']},"iid":1,"project_id":9,"sha":"${SHA}","ref":"main","status":"success","source":"push","created_at":"2016-11-04T09:36:13.747Z","updated_at":"2016-11-04T09:36:13.747Z","web_url":"${server.url}/fixtures/upload-to-s3/-/pipelines/${made['first']}","name":"nightly"}]`,
    )
  })

  it.each([
    ['', ['tagged', 'broken', 'dev', 'first']],
    ['?sort=asc', ['first', 'dev', 'broken', 'tagged']],
    ['?status=running', ['dev']],
    ['?scope=running', ['dev']],
    ['?scope=pending', ['tagged']],
    ['?scope=finished', ['broken', 'first']],
    ['?scope=finished&status=failed', ['broken']],
    ['?scope=running&status=failed', []],
    ['?scope=branches', ['broken']],
    ['?scope=tags', ['tagged']],
    ['?ref=feature%2Fx', ['dev']],
    [`?sha=${'a'.repeat(40)}`, ['dev']],
    ['?source=push', ['first']],
    ['?source=parent_pipeline', ['child']],
    ['?name=nightly', ['first']],
    ['?username=dev', ['dev']],
    ['?username=nobody', []],
    ['?yaml_errors=true', ['broken']],
    ['?yaml_errors=y', ['broken']],
    ['?yaml_errors=N', ['tagged', 'dev', 'first']],
    // Grape: a blank one is none.
    ['?yaml_errors=&created_after=', ['tagged', 'broken', 'dev', 'first']],
    // GitLab knows sources that nothing here has.
    ['?source=unknown', []],
    ['?source=pipeline_execution_policy_schedule', []],
    ['?yaml_errors=false', ['tagged', 'dev', 'first']],
    ['?created_after=2016-11-04T09:36:30Z', ['tagged']],
    ['?created_before=2016-11-04T09:36:30Z', ['broken', 'dev', 'first']],
    ['?updated_after=2016-11-04T10:36:30%2B01:00', ['tagged']],
    ['?updated_before=2016-11-04T09:36:13.747Z', []],
    ['?created_after=2016-11-04T09:36:30+00:00', ['tagged']],
    ['?created_after=20161104T093630Z', ['tagged']],
    ['?order_by=ref&sort=asc', ['dev', 'first', 'broken', 'tagged']],
    ['?order_by=status', ['first', 'dev', 'tagged', 'broken']],
  ])('%s', async (query, names) => {
    expect(await list(query)).toEqual(names)
  })

  it.each([
    ['?status=passed', '{"error":"status does not have a valid value"}'],
    ['?scope=all', '{"error":"scope does not have a valid value"}'],
    [
      '?source=x&order_by=x&sort=x',
      '{"error":"order_by does not have a valid value, sort does not have a valid value, source does not have a valid value"}',
    ],
    ['?yaml_errors=perhaps', '{"error":"yaml_errors is invalid"}'],
    ['?created_after=yesterday', '{"error":"created_after is invalid"}'],
    ['?ref[]=main', '{"error":"ref is invalid"}'],
  ])('%s is refused', async (query, body) => {
    const received = await server.get(`/projects/9/pipelines${query}`)
    expect([received.status, received.text]).toEqual([400, body])
  })
})

describe('one pipeline', () => {
  it('has the keys of section 5 in that order, and name', async () => {
    const received = await server.get(`/projects/9/pipelines/${made['first']}`)
    expect(Object.keys(JSON.parse(received.text) as object)).toEqual(
      'id iid project_id sha ref status source created_at updated_at web_url before_sha tag yaml_errors user started_at finished_at committed_at duration queued_duration coverage detailed_status name'.split(
        ' ',
      ),
    )
  })

  it.each([
    [
      'another project’s',
      () => `/projects/9/pipelines/${made['foreign']}`,
      404,
      '{"message":"404 Not found"}',
    ],
    ['unknown', () => '/projects/9/pipelines/999999', 404, '{"message":"404 Not found"}'],
    ['no number', () => '/projects/9/pipelines/abc', 400, '{"error":"pipeline_id is invalid"}'],
    [
      'no number, of no project',
      () => '/projects/404/pipelines/abc',
      400,
      '{"error":"pipeline_id is invalid"}',
    ],
    ['of no project', () => '/projects/404/pipelines/1', 404, '{"message":"404 Project Not Found"}'],
    [
      'its jobs: no number',
      () => '/projects/9/pipelines/abc/jobs',
      400,
      '{"error":"pipeline_id is invalid"}',
    ],
    [
      'its variables: another project’s',
      () => `/projects/9/pipelines/${made['foreign']}/variables`,
      404,
      '{"message":"404 Not found"}',
    ],
    [
      'its provenance: another project’s',
      () => `/projects/9/pipelines/${made['foreign']}/provenance`,
      404,
      '{"message":"404 Not found"}',
    ],
  ])('%s', async (_what, path, status, body) => {
    const received = await server.get(path())
    expect([received.status, received.headers['content-type'], received.text]).toEqual([
      status,
      'application/json',
      body,
    ])
  })

  it.each([
    ['success', 'status_success', 'passed', 'passed', 'success'],
    ['failed', 'status_failed', 'failed', 'failed', 'failed'],
    ['created', 'status_created', 'created', 'created', 'created'],
    ['pending', 'status_pending', 'pending', 'pending', 'pending'],
    ['running', 'status_running', 'running', 'running', 'running'],
    ['preparing', 'status_preparing', 'preparing', 'preparing', 'preparing'],
    ['skipped', 'status_skipped', 'skipped', 'skipped', 'skipped'],
    ['scheduled', 'status_scheduled', 'scheduled', 'scheduled', 'scheduled'],
    ['canceling', 'status_canceled', 'canceling', 'canceling', 'canceling'],
    ['canceled', 'status_canceled', 'canceled', 'canceled', 'canceled'],
    ['manual', 'status_manual', 'blocked', 'waiting for manual action', 'manual'],
    ['waiting_for_resource', 'status_pending', 'waiting', 'waiting for resource', 'waiting-for-resource'],
  ] as const)('detailed_status of %s', async (status, icon, text, label, group) => {
    const id = addPipeline(server.store, { projectId: 10, status })
    const shown = JSON.parse((await server.get(`/projects/10/pipelines/${id}`)).text) as {
      detailed_status: object
    }
    expect(shown.detailed_status).toMatchObject({
      icon,
      text,
      label,
      group,
      has_details: true,
      details_path: `/group/app/-/pipelines/${id}`,
      illustration: null,
    })
  })

  it('duration, queued_duration, coverage and warnings come from its latest jobs', async () => {
    const id = addPipeline(server.store, { projectId: 10 })
    const [a, b, c] = ['a', 'b', 'c'].map((name) =>
      addJob(server.store, { pipelineId: id, projectId: 10, name, allowFailure: name === 'c' }),
    ) as [number, number, number]
    const at = (seconds: number): number => CREATED_AT + seconds * 1000
    server.store.pipelines.setStatus(id, 'running', at(2.9), { started: true, finished: false })
    runJob(server.store, a, 'success', { queued: at(1), started: at(3), finished: at(5) })
    runJob(server.store, b, 'success', { queued: at(1), started: at(4), finished: at(6.5) })
    runJob(server.store, c, 'failed', { queued: at(1), started: at(10), finished: at(11.4) })
    server.store.jobs.setCoverage(a, 98.29)
    server.store.jobs.setCoverage(b, 50)
    const read = async () =>
      JSON.parse((await server.get(`/projects/10/pipelines/${id}`)).text) as Record<string, unknown>
    expect(await read()).toMatchObject({
      duration: null,
      queued_duration: 2,
      started_at: '2016-11-04T09:36:16.647Z',
      finished_at: null,
    })
    server.store.pipelines.setStatus(id, 'success', at(12), { started: true, finished: true })
    expect(await read()).toMatchObject({
      duration: 4,
      queued_duration: 2,
      coverage: '74.15',
      finished_at: '2016-11-04T09:36:25.747Z',
      detailed_status: {
        icon: 'status_warning',
        text: 'warning',
        label: 'passed with warnings',
        group: 'success-with-warnings',
        tooltip: 'passed with warnings',
      },
    })
  })
})

describe('latest', () => {
  it.each(['', '?ref=main', '?ref='])('%s is the newest of the head commit', async (query) => {
    const received = await server.get(`/projects/9/pipelines/latest${query}`)
    expect([received.status, (JSON.parse(received.text) as { id: number }).id]).toEqual([200, made['broken']])
  })

  it.each(['?ref=feature%2Fx', '?ref=v1.0', '?ref=none'])('%s has none: 403', async (query) => {
    const received = await server.get(`/projects/9/pipelines/latest${query}`)
    expect([received.status, received.text]).toEqual([403, '{"message":"403 Forbidden"}'])
  })
})

describe('what it was started with', () => {
  it('variables: not paged, files named so', async () => {
    const id = addPipeline(server.store)
    const variable = { raw: false, masked: false, origin: 'trigger' } as const
    server.store.pipelineVariables.add(id, [
      { key: 'UPLOAD_TO_S3', value: 'true', file: false, ...variable },
      { key: 'TRIGGER_PAYLOAD', value: '{"ref":"main"}', file: true, ...variable },
    ])
    const received = await server.get(`/projects/9/pipelines/${id}/variables`)
    expect(received.headers['x-page']).toBeUndefined()
    expect(received.text).toBe(
      '[{"variable_type":"env_var","key":"UPLOAD_TO_S3","value":"true","raw":false},{"variable_type":"file","key":"TRIGGER_PAYLOAD","value":"{\\"ref\\":\\"main\\"}","raw":false}]',
    )
  })

  it('provenance: values of variables are for those who may list them', async () => {
    const [id, own] = [1, server.developer].map((userId) => addPipeline(server.store, { userId }))
    for (const each of [id, own])
      server.store.pipelineVariables.add(each ?? 0, [
        { key: 'A', value: 'said', file: false, raw: false, masked: false, origin: 'trigger' },
      ])
    const seen = async (pipeline: number | undefined, token: string): Promise<unknown> => {
      const path = `/projects/9/pipelines/${pipeline}/provenance`
      const { text } = await server.get(path, { 'PRIVATE-TOKEN': token })
      return (JSON.parse(text) as { variables: unknown }).variables
    }
    const shown = [{ key: 'A', value: 'said', origin: 'trigger' }]
    expect(await seen(id, MAINTAINER_TOKEN)).toEqual(shown)
    expect(await seen(own, DEVELOPER_TOKEN)).toEqual(shown)
    expect(await seen(id, DEVELOPER_TOKEN)).toEqual([{ key: 'A', value: '[MASKED]', origin: 'trigger' }])
  })

  it('provenance: the engine’s answer, key for key', async () => {
    const id = addPipeline(server.store)
    const received = await server.get(`/projects/9/pipelines/${id}/provenance`)
    expect(received.text).toBe(
      `{"source":"trigger","trigger":null,"remote_address":null,"user_agent":null,"form":null,"received_at":null,"ref":"main","sha":"${SHA}","variables":[],"config_sha256":null}`,
    )
  })
})
