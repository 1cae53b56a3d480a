import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addJob, addPipeline, CREATED_AT, runJob, SHA } from '../support/rows.ts'
import { ACCESS_TOKEN, startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let pipelineId: number
let first: number
let second: number
let third: number

beforeAll(async () => {
  server = await startServer()
  pipelineId = addPipeline(server.store, { status: 'running' })
  first = addJob(server.store, { pipelineId, name: 'flaky', tags: ['linux', 'big'] })
  second = addJob(server.store, { pipelineId, name: 'run_tests' })
  third = addJob(server.store, { pipelineId, name: 'flaky', attempt: 2 })
  const at = (seconds: number): number => CREATED_AT + seconds * 1000
  runJob(server.store, first, 'failed', { queued: at(1), started: at(1.5), finished: at(3.75) })
  server.store.jobs.markRetried(first)
  runJob(server.store, second, 'running', { queued: at(1), started: at(2) })
  server.clock.time = at(10)
})
afterAll(() => server.close())

const JOB_KEYS =
  'id status stage name ref tag coverage allow_failure created_at started_at finished_at erased_at duration queued_duration user commit pipeline web_url project artifacts runner runner_manager artifacts_expire_at archived tag_list'
const keysOf = (text: string): string => Object.keys(JSON.parse(text) as object).join(' ')

describe('one job', () => {
  it('has the keys of section 5 in that order', async () => {
    const received = await server.get(`/projects/9/jobs/${second}`)
    expect(received.headers['content-type']).toBe('application/json')
    expect(keysOf(received.text)).toBe(JOB_KEYS)
  })

  it('has failure_reason when it failed, and artifacts_file when there is an archive', async () => {
    server.store.artifacts.add(
      { jobId: first, kind: 'archive', name: null, path: 'x', size: 1234, files: 2, expiresAt: CREATED_AT },
      0,
    )
    server.store.jobs.setTraceSize(first, 77)
    const received = await server.get(`/projects/9/jobs/${first}`)
    expect(keysOf(received.text)).toBe(
      JOB_KEYS.replace('pipeline web_url', 'pipeline failure_reason web_url').replace(
        'project artifacts',
        'project artifacts_file artifacts',
      ),
    )
    expect(JSON.parse(received.text)).toMatchObject({
      failure_reason: 'script_failure',
      artifacts_file: { filename: 'artifacts.zip', size: 1234 },
      artifacts: [
        { file_type: 'archive', size: 1234, filename: 'artifacts.zip', file_format: 'zip' },
        { file_type: 'trace', size: 77, filename: 'job.log', file_format: 'raw' },
      ],
      artifacts_expire_at: '2016-11-04T09:36:13.747Z',
      tag_list: ['big', 'linux'],
      started_at: '2016-11-04T09:36:15.247Z',
      finished_at: '2016-11-04T09:36:17.497Z',
      duration: 2.25,
      queued_duration: 0.5,
    })
  })

  it('measures a running job up to now, and shows its commit, user and pipeline', async () => {
    const job = JSON.parse((await server.get(`/projects/9/jobs/${second}`)).text) as Record<
      string,
      Record<string, unknown>
    >
    expect(job).toMatchObject({
      status: 'running',
      duration: 8,
      queued_duration: 1,
      finished_at: null,
      created_at: '2016-11-04T09:36:13.747Z',
    })
    expect(JSON.stringify(job['commit'])).toBe(
      `{"id":"${SHA}","short_id":"384c444e","created_at":"2016-12-24T15:51:15.000+00:00","parent_ids":["6104942438c14ec7bd21c6cd5bd995272b3faff6"],"title":"Add the upload","message":"Add the upload\\n\\nof packages\\n","author_name":"Ann","author_email":"ann@example.com","authored_date":"2016-12-24T16:51:14.000+01:00","committer_name":"Bob","committer_email":"bob@example.com","committed_date":"2016-12-24T15:51:15.000+00:00","trailers":{},"extended_trailers":{},"web_url":"${server.url}/fixtures/upload-to-s3/-/commit/${SHA}"}`,
    )
    expect(job['user']).toMatchObject({ id: 1, username: 'root' })
    expect(job['pipeline']).toMatchObject({
      id: pipelineId,
      web_url: `${server.url}/fixtures/upload-to-s3/-/pipelines/${pipelineId}`,
    })
    expect(job['web_url']).toBe(`${server.url}/fixtures/upload-to-s3/-/jobs/${second}`)
  })

  it.each([
    ['unknown', '/projects/9/jobs/999999', 404, '{"message":"404 Not found"}'],
    ['of another project', '/projects/10/jobs/1', 404, '{"message":"404 Not found"}'],
    ['no number', '/projects/9/jobs/abc', 400, '{"error":"job_id is invalid"}'],
    ['unknown, its trace', '/projects/9/jobs/999999/trace', 404, '{"message":"404 Not found"}'],
    ['no number, its trace', '/projects/9/jobs/x/trace', 400, '{"error":"job_id is invalid"}'],
  ])('%s', async (_what, path, status, body) => {
    const received = await server.get(path)
    expect([received.status, received.headers['content-type'], received.text]).toEqual([
      status,
      'application/json',
      body,
    ])
  })
})

describe('the jobs of a pipeline', () => {
  it.each([
    ['', () => [third, second]],
    ['?include_retried=true', () => [third, second, first]],
    ['?scope=running', () => [second]],
    ['?scope[]=running&scope[]=created', () => [third, second]],
    ['?scope[]=failed', () => []],
    ['?scope[]=failed&include_retried=1', () => [first]],
    ['?per_page=1&page=2', () => [second]],
  ])('%s', async (query, ids) => {
    const received = await server.get(`/projects/9/pipelines/${pipelineId}/jobs${query}`)
    expect((JSON.parse(received.text) as { id: number }[]).map((each) => each.id)).toEqual(ids())
  })

  it('is paged', async () => {
    const { headers } = await server.get(
      `/projects/9/pipelines/${pipelineId}/jobs?scope[]=created&per_page=1`,
    )
    expect([
      headers['x-total'],
      headers['x-total-pages'],
      String(headers.link).replaceAll(server.url, ''),
    ]).toEqual([
      '1',
      '1',
      `</api/v4/projects/9/pipelines/${pipelineId}/jobs?id=9&page=1&per_page=1&pipeline_id=${pipelineId}&scope%5B%5D=created>; rel="first", </api/v4/projects/9/pipelines/${pipelineId}/jobs?id=9&page=1&per_page=1&pipeline_id=${pipelineId}&scope%5B%5D=created>; rel="last"`,
    ])
  })

  it.each(['?scope=passed', '?scope[]=running&scope[]=x'])('%s is refused', async (query) => {
    const received = await server.get(`/projects/9/pipelines/${pipelineId}/jobs${query}`)
    expect([received.status, received.text]).toEqual([400, '{"error":"scope does not have a valid value"}'])
  })
})

describe('the trace', () => {
  const BYTES = Buffer.from('\u001B[32mok\u001B[0m\r\nsection_start:1:a\r\u001B[0Kbinary: \0\xff', 'latin1')

  it('is what the runner wrote, byte for byte', async () => {
    const job = server.store.jobs.find(second)
    const file = server.store.traces.append(server.store.traces.pathOf(job ?? { id: 0, createdAt: 0 }))
    await file.write(BYTES)
    await file.close()
    const response = await fetch(`${server.url}/api/v4/projects/9/jobs/${second}/trace`, {
      headers: { 'PRIVATE-TOKEN': ACCESS_TOKEN },
    })
    expect(Buffer.from(await response.arrayBuffer()).equals(BYTES)).toBe(true)
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('content-disposition'),
    ]).toEqual([200, 'text/plain', `infile; filename="${second}.log"`])
  })

  it('HEAD says how long it is', async () => {
    const received = await server.send(`/api/v4/projects/9/jobs/${second}/trace`, {
      method: 'HEAD',
      headers: { 'PRIVATE-TOKEN': ACCESS_TOKEN },
    })
    expect([received.status, received.text, received.headers['content-length']]).toEqual([
      200,
      '',
      String(BYTES.length),
    ])
  })

  it('of a job that has written nothing is empty', async () => {
    const received = await server.get(`/projects/9/jobs/${third}/trace`)
    expect([received.status, received.text, received.headers['content-type']]).toEqual([
      200,
      '',
      'text/plain',
    ])
  })
})
