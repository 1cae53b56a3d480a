import { beforeAll, describe, expect, it } from 'vitest'
import { DEVELOPER, liveServer, MAINTAINER, OUTSIDER, type LiveServer } from '../support/live.ts'

const CI = `
stages: [build, test]
compile: {stage: build, script: make}
check: {stage: test, script: make check}
by-hand: {stage: test, script: make deploy, when: manual, allow_failure: true}
`

let server: LiveServer
beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': CI })
  server.repository.git('branch', 'broken')
  server.repository.git('checkout', '-q', 'broken')
  server.repository.commit('broken', { '.gitlab-ci.yml': 'check: {script: 1, stage: nowhere}\n' })
  server.repository.git('checkout', '-q', '-b', 'empty')
  server.repository.commit('empty', { '.gitlab-ci.yml': 'a: {script: x, rules: [{when: never}]}\n' })
  server.repository.git('checkout', '-q', '-b', 'none')
  server.repository.commit('none', { '.gitlab-ci.yml': null, README: 'x' })
  server.repository.git('checkout', '-q', 'main')
})

interface PipelineBody {
  readonly id: number
  readonly status: string
}

describe('POST /projects/:id/pipeline', () => {
  it('creates one of source api, with variables', async () => {
    const made = await server.call('POST', '/pipeline', {
      ref: 'main',
      variables: [
        { key: 'UPLOAD', value: 'true' },
        { key: 'CONFIG', value: 'text', variable_type: 'file' },
      ],
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ ref: 'main', source: 'api', status: 'created', tag: false })
    const { id } = made.body as PipelineBody
    expect((await server.call('GET', `/pipelines/${id}/variables`)).text).toBe(
      '[{"variable_type":"env_var","key":"UPLOAD","value":"true","raw":false},{"variable_type":"file","key":"CONFIG","value":"text","raw":false}]',
    )
  })

  it('takes the two written forms of a list', async () => {
    for (const query of [
      'variables[][key]=A&variables[][value]=1',
      'variables[0][key]=A&variables[0][value]=1',
    ]) {
      const made = await server.send(`/api/v4/projects/9/pipeline?ref=main&${query}`, {
        method: 'POST',
        headers: { 'PRIVATE-TOKEN': DEVELOPER },
      })
      const { id } = JSON.parse(made.text) as PipelineBody
      const variables = await server.call('GET', `/pipelines/${id}/variables`)
      expect(variables.text).toBe('[{"variable_type":"env_var","key":"A","value":"1","raw":false}]')
    }
  })

  it.each([
    ['nothing', {}, '{"error":"ref is missing"}'],
    ['variables as a hash', { ref: 'main', variables: { A: 'b' } }, '{"error":"variables is invalid"}'],
    [
      'an unknown type',
      { ref: 'main', variables: [{ key: 'A', value: 'b', variable_type: 'x' }] },
      '{"error":"variables[0][variable_type] does not have a valid value"}',
    ],
    ['an unknown ref', { ref: 'nope' }, '{"message":{"base":["Reference not found"]}}'],
    [
      'a key twice',
      {
        ref: 'main',
        variables: [
          { key: 'A', value: '1' },
          { key: 'A', value: '2' },
        ],
      },
      '{"message":{"base":["Duplicate variable name: A"]}}',
    ],
    [
      'no jobs',
      { ref: 'empty' },
      '{"message":{"base":["The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs."]}}',
    ],
    ['no file', { ref: 'none' }, '{"message":{"base":["Missing CI config file"]}}'],
  ])('%s: 400', async (_what, body, text) => {
    const before = server.app.store.pipelines.newest(9, 1)[0]?.id
    const answer = await server.call('POST', '/pipeline', body)
    expect([answer.status, answer.text]).toEqual([400, text])
    expect(server.app.store.pipelines.newest(9, 1)[0]?.id).toBe(before)
  })

  it('keeps nothing of a wrong configuration, and says 400 where a trigger says 422', async () => {
    const before = server.app.store.pipelines.newest(9, 1)[0]?.id
    const answer = await server.call('POST', '/pipeline', { ref: 'broken' })
    expect(answer.status).toBe(400)
    expect(answer.text).toMatch(/^\{"message":\{"base":\[".*check.*"\]\}\}$/)
    expect(server.app.store.pipelines.newest(9, 1)[0]?.id).toBe(before)
  })

  it('is not there for a stranger', async () => {
    const answer = await server.call('POST', '/pipeline', { ref: 'main' }, OUTSIDER)
    expect([answer.status, answer.text]).toEqual([404, '{"message":"404 Project Not Found"}'])
  })
})

describe('verbs', () => {
  it('cancel is 200, and 200 unchanged when there is nothing left', async () => {
    const id = await server.pipeline()
    const first = await server.call('POST', `/pipelines/${id}/cancel`)
    expect([first.status, (first.body as PipelineBody).status]).toEqual([200, 'canceled'])
    const second = await server.call('POST', `/pipelines/${id}/cancel`)
    expect([second.status, (second.body as PipelineBody).status]).toEqual([200, 'canceled'])
  })

  it('retry is 201 and makes new jobs of those that failed; with nothing to retry too', async () => {
    for (const pipeline of server.app.store.pipelines.newest(9, 50)) server.app.engine.cancel(pipeline.id)
    const id = await server.pipeline()
    await server.finish('compile', '', 1)
    const retried = await server.call('POST', `/pipelines/${id}/retry`, undefined, DEVELOPER)
    expect([retried.status, Object.keys(retried.body).length > 10]).toEqual([201, true])
    await server.finish('compile')
    await server.finish('check')
    const again = await server.call('POST', `/pipelines/${id}/retry`)
    expect([again.status, (again.body as PipelineBody).status]).toEqual([201, 'success'])
  })

  it('metadata renames', async () => {
    const id = await server.pipeline()
    const renamed = await server.call('PUT', `/pipelines/${id}/metadata`, { name: 'Deployment' })
    expect([renamed.status, (renamed.body as { name: string }).name]).toEqual([200, 'Deployment'])
    const missing = await server.call('PUT', `/pipelines/${id}/metadata`, {})
    expect([missing.status, missing.text]).toEqual([400, '{"error":"name is missing"}'])
    const long = await server.call('PUT', `/pipelines/${id}/metadata`, { name: 'x'.repeat(256) })
    expect(long.status).toBe(400)
  })

  it('delete is for owners, conditional, 204 without a body, then 404', async () => {
    const id = await server.pipeline()
    for (const token of [DEVELOPER, MAINTAINER]) {
      const refused = await server.call('DELETE', `/pipelines/${id}`, undefined, token)
      expect([refused.status, refused.text]).toEqual([403, '{"message":"403 Forbidden"}'])
    }
    const stale = await server.send(`/api/v4/projects/9/pipelines/${id}`, {
      method: 'DELETE',
      headers: {
        'PRIVATE-TOKEN': 'glpat-AccessTokenOfRoot',
        'If-Unmodified-Since': 'Tue, 01 Jan 2019 00:00:00 GMT',
      },
    })
    expect([stale.status, stale.text]).toEqual([412, '{"message":"412 Precondition Failed"}'])
    const deleted = await server.call('DELETE', `/pipelines/${id}`)
    expect([deleted.status, deleted.text, deleted.headers['content-type']]).toEqual([204, '', undefined])
    const gone = await server.call('DELETE', `/pipelines/${id}`)
    expect([gone.status, gone.text]).toEqual([404, '{"message":"404 Not found"}'])
  })

  it.each(['retry', 'cancel'])('%s of a pipeline that is not there', async (verb) => {
    const answer = await server.call('POST', `/pipelines/999999/${verb}`)
    expect([answer.status, answer.text]).toEqual([404, '{"message":"404 Not found"}'])
  })
})

describe('reports and the rest of a pipeline', () => {
  it('has test reports of zero without any', async () => {
    const id = await server.pipeline()
    expect((await server.call('GET', `/pipelines/${id}/test_report`)).text).toBe(
      '{"total_time":0,"total_count":0,"success_count":0,"failed_count":0,"skipped_count":0,"error_count":0,"test_suites":[]}',
    )
    expect((await server.call('GET', `/pipelines/${id}/test_report_summary`)).text).toBe(
      '{"total":{"time":0,"count":0,"success":0,"failed":0,"skipped":0,"error":0,"suite_error":null},"test_suites":[]}',
    )
    expect((await server.call('GET', `/pipelines/${id}/bridges`)).text).toBe('[]')
  })
})
