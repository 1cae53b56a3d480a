import { beforeAll, describe, expect, it } from 'vitest'
import { counter, gaugeText, histogram } from '../../src/http/metrics/instruments.ts'
import { liveServer, OWNER, type LiveServer } from './support/live.ts'
import { form } from './support/request.ts'

describe('the text format', () => {
  it('a counter, its labels escaped', () => {
    const requests = counter('requests_total', 'Requests.')
    requests.add({ path: 'a"b\\c\nd' })
    requests.add({ path: 'a"b\\c\nd' }, 2)
    requests.add()
    expect(requests.text()).toBe(
      '# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total{path="a\\"b\\\\c\\nd"} 3\nrequests_total 1\n',
    )
  })

  it('a histogram adds up', () => {
    const times = histogram('times', 'Times.')
    times.observe(0.001)
    times.observe(0.3, {})
    times.observe(100)
    const rows = times.text().split('\n')
    expect(rows.filter((row) => row.startsWith('times_bucket')).map((row) => row.split(' ')[1])).toEqual([
      '1',
      '1',
      '1',
      '1',
      '1',
      '1',
      '1',
      '1',
      '2',
      '2',
      '2',
      '2',
      '2',
      '2',
      '2',
      '3',
    ])
    expect(rows).toContain('times_bucket{le="0.5"} 2')
    expect(rows).toContain('times_bucket{le="+Inf"} 3')
    expect(rows).toContain('times_sum 100.301')
    expect(rows).toContain('times_count 3')
  })

  it('a gauge', () => {
    expect(gaugeText('jobs', 'Jobs.', [{ labels: { status: 'running' }, value: 2 }])).toBe(
      '# HELP jobs Jobs.\n# TYPE jobs gauge\njobs{status="running"} 2\n',
    )
  })
})

describe('GET /metrics', () => {
  let server: LiveServer
  beforeAll(async () => {
    server = await liveServer({ '.gitlab-ci.yml': 'one: {script: x}\ntwo: {script: x}\n' })
  })
  const valueOf = (text: string, name: string): string | undefined =>
    text
      .split('\n')
      .find((row) => row.startsWith(`${name} `))
      ?.slice(name.length + 1)

  it('counts what waits, runs, ended and was asked', async () => {
    await server.pipeline()
    await server.finish('one', '', 1)
    await server.send('/api/v4/projects/9/trigger/pipeline', form({ token: 'wrong', ref: 'main' }))
    await server.call('GET', '/pipelines')
    const { status, headers, text } = await server.send('/metrics')
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(valueOf(text, 'sluice_pipelines{status="running"}')).toBe('1')
    expect(valueOf(text, 'sluice_jobs{status="pending"}')).toBe('1')
    expect(valueOf(text, 'sluice_jobs{status="failed"}')).toBe('1')
    expect(valueOf(text, 'sluice_queue_jobs')).toBe('1')
    expect(valueOf(text, 'sluice_jobs_finished_total{status="failed"}')).toBe('1')
    expect(valueOf(text, 'sluice_trigger_requests_total{status="404"}')).toBe('1')
    expect(valueOf(text, 'sluice_http_requests_total{method="GET",kind="api",status="200"}')).toBe('1')
    expect(valueOf(text, 'sluice_job_queue_duration_seconds_count')).toBe('1')
    expect(Number(valueOf(text, 'sluice_event_loop_delay_seconds{quantile="0.99"}'))).toBeGreaterThan(0)
    expect(Number(valueOf(text, 'process_resident_memory_bytes'))).toBeGreaterThan(1e6)
    expect(text).not.toMatch(/group\/app|glpat|wrong/)
    for (const row of text.trimEnd().split('\n'))
      expect(row).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/)
  })

  it('needs a token where a proxy passes it on, and answers known hosts only', async () => {
    const through = { 'X-Forwarded-For': '203.0.113.9' }
    const refused = await server.send('/metrics', { headers: through })
    expect([refused.status, refused.text]).toEqual([401, '{"message":"401 Unauthorized"}'])
    const allowed = await server.send('/metrics', {
      headers: { ...through, Authorization: `Bearer ${OWNER}` },
    })
    expect(allowed.status).toBe(200)
    expect((await server.send('/metrics', { headers: { Host: 'evil.example' } })).status).toBe(421)
  })
})
