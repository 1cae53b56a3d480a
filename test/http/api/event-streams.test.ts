import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { follow, type Follower, type StreamEvent } from '../support/events.ts'
import { liveServer, OWNER, OUTSIDER, type LiveServer } from '../support/live.ts'

const CI = `
stages: [build, test, after]
compile: {stage: build, script: make}
check: {stage: test, script: make check}
never: {stage: after, script: x, when: on_failure}
`

let server: LiveServer
/** Nobody follows anything on this one. */
let fresh: LiveServer
beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': CI })
  fresh = await liveServer({ '.gitlab-ci.yml': CI })
})
beforeEach(() => {
  for (const pipeline of server.app.store.pipelines.newest(9, 5)) server.app.engine.cancel(pipeline.id)
})

const listen = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Follower> =>
  follow(server.port, `/api/v4/projects/9${path}`, { 'PRIVATE-TOKEN': OWNER, ...headers })

const told = (events: readonly StreamEvent[]): string[] =>
  events.map(({ event, data }) => {
    const job = data['job'] as { name: string; status: string } | undefined
    const pipeline = data['pipeline'] as { status: string } | undefined
    return `${event} ${job ? `${job.name} ${job.status}` : pipeline?.status}`
  })

const pipelineOver = (id: number) => (event: StreamEvent) =>
  event.event === 'pipeline.finished' && (event.data['pipeline'] as { id: number }).id === id

describe('of a pipeline', () => {
  it('tells everything from the beginning, under the names of `sluice run --json`', async () => {
    const id = await server.pipeline()
    const stream = await listen(`/pipelines/${id}/events/stream`)
    expect([
      stream.status,
      stream.headers['content-type'],
      stream.headers['cache-control'],
      stream.headers['content-length'],
    ]).toEqual([200, 'text/event-stream', 'no-store', undefined])
    await server.finish('compile')
    await server.finish('check', '', 3)
    await server.finish('never')
    const events = await stream.until(pipelineOver(id))
    expect(told(events).slice(1)).toEqual([
      'job.started compile running',
      'job.finished compile success',
      'job.started check running',
      'job.finished check failed',
      'job.started never running',
      'job.finished never success',
      'pipeline.finished failed',
    ])
    expect(events[0]).toMatchObject({
      event: 'pipeline.created',
      data: { type: 'pipeline.created', schema: 1, pipeline: { id, ref: 'main', source: 'api' } },
    })
    expect(((events[0]?.data['jobs'] ?? []) as { name: string }[]).map(({ name }) => name)).toEqual([
      'compile',
      'check',
      'never',
    ])
    expect(events[4]?.data).toMatchObject({
      type: 'job.finished',
      schema: 1,
      pipeline_id: id,
      job: { name: 'check', exit_code: 3, failure_reason: 'script_failure' },
    })
    expect(JSON.stringify(events)).not.toContain(server.app.store.stateDir)
    stream.close()
  })

  it('goes on after the event that was seen last, losing and repeating nothing', async () => {
    const id = await server.pipeline()
    const first = await listen(`/pipelines/${id}/events/stream`)
    await server.finish('compile')
    const seen = await first.until(({ event }) => event === 'job.finished')
    first.close()
    await server.finish('check')
    for (let cut = 0; cut < seen.length; cut++) {
      const rest = await listen(`/pipelines/${id}/events/stream`, { 'Last-Event-ID': seen[cut]?.id ?? '' })
      const events = await rest.until(pipelineOver(id))
      expect(told([...seen.slice(1, cut + 1), ...events])).toEqual([
        'job.started compile running',
        'job.finished compile success',
        'job.started check running',
        'job.finished check success',
        'job.finished never skipped',
        'pipeline.finished success',
      ])
      rest.close()
    }
    const all = await listen(`/pipelines/${id}/events/stream?last_event_id=0-0-0`)
    const whole = await all.until(pipelineOver(id))
    const [end] = whole.slice(-1)
    all.close()
    const after = await listen(`/pipelines/${id}/events/stream`, { 'Last-Event-ID': end?.id ?? '' })
    expect(after.text()).toBe(`retry: 2000\nid: ${end?.id}\n\n`)
    after.close()
  })
})

describe('of a project', () => {
  it('begins now, and goes on from what was seen', async () => {
    await server.pipeline()
    const stream = await listen('/events/stream')
    const id = await server.pipeline()
    for (const each of server.app.store.pipelines.newest(9, 9))
      if (each.id !== id) server.app.engine.cancel(each.id)
    await server.finish('compile')
    await server.finish('check')
    const events = await stream.until(pipelineOver(id))
    const own = events.filter(({ data }) => {
      const pipeline = data['pipeline'] as { id: number } | undefined
      return (pipeline?.id ?? data['pipeline_id']) === id
    })
    expect(own.map(({ event }) => event)).toEqual([
      'pipeline.created',
      'job.started',
      'job.finished',
      'job.started',
      'job.finished',
      'job.finished',
      'pipeline.finished',
    ])
    const order = events.map(({ id: text }) => text.split('-').map(Number))
    expect(order).toEqual(
      order.toSorted(
        (a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0),
      ),
    )
    stream.close()

    const rest = await listen('/events/stream', { 'Last-Event-ID': own[2]?.id ?? '' })
    const later = await rest.until(pipelineOver(id))
    expect(told(later)).toEqual(told(events.slice(events.indexOf(own[2] ?? (events[0] as StreamEvent)) + 1)))
    rest.close()
  })
})

describe('of a job', () => {
  it('tells the log by offset until the job is over, and then says that there is no more', async () => {
    const id = await server.pipeline()
    const [job] = server.app.store.jobs.headsOf(id)
    const path = `/jobs/${job?.id}/events/stream`
    const stream = await listen(path)
    const payload = await server.take('compile')
    const trace = await server.app.engine.coordinator.openTrace(payload.token)
    await trace.write(Buffer.from('first line\n'))
    await stream.until(({ event }) => event === 'job.log')
    const umlaut = Buffer.from('über\n')
    await trace.write(umlaut.subarray(0, 1))
    await trace.write(umlaut.subarray(1))
    await trace.close()
    await server.app.engine.coordinator.updateJob(payload.token, { state: 'success' })
    const events = await stream.ended()
    expect(events.map(({ event }) => event)).toEqual([
      'job.started',
      ...events.slice(1, -1).map(() => 'job.log'),
      'job.finished',
    ])
    expect(
      events
        .filter(({ event }) => event === 'job.log')
        .map(({ data }) => data['text'])
        .join(''),
    ).toBe('first line\nüber\n')
    expect(events.at(-1)?.id).toBe('17-end')

    const rest = await listen(path, { 'Last-Event-ID': '6' })
    const again = await rest.ended()
    expect(again.map(({ id: at, event, data }) => [at, event, data['text'], data['offset']])).toEqual([
      ['17', 'job.log', 'line\nüber\n', 6],
      ['17-end', 'job.finished', undefined, undefined],
    ])
    const over = await listen(path, { 'Last-Event-ID': '17-end' })
    expect([over.status, (await over.ended()).length]).toEqual([204, 0])
  })

  it('gives a long log in pieces, whatever bytes are in it', async () => {
    const id = await server.pipeline()
    const [job] = server.app.store.jobs.headsOf(id)
    const log = Buffer.concat([Buffer.from('€'.repeat(100_000)), Buffer.from([0xff, 0xe2])])
    const payload = await server.take('compile')
    const trace = await server.app.engine.coordinator.openTrace(payload.token)
    await trace.write(log)
    await trace.close()
    await server.app.engine.coordinator.updateJob(payload.token, { state: 'success' })
    const stream = await listen(`/jobs/${job?.id}/events/stream`)
    const pieces = (await stream.ended()).filter(({ event }) => event === 'job.log')
    expect(pieces.length).toBeGreaterThan(4)
    expect(pieces.map(({ data }) => data['text']).join('')).toBe(log.toString('utf8'))
    expect(pieces.map(({ data }) => data['size'] as number).reduce((sum, size) => sum + size, 0)).toBe(
      log.length,
    )
  })
})

describe('who may read, and how many', () => {
  it.each(['/events/stream', '/pipelines/1/events/stream', '/jobs/1/events/stream'])('%s', async (path) => {
    const answer = await server.send(`/api/v4/projects/9${path}`)
    expect([answer.status, answer.text]).toEqual([401, '{"message":"401 Unauthorized"}'])
    const foreign = await server.call('GET', path, undefined, OUTSIDER)
    expect([foreign.status, foreign.text]).toEqual([404, '{"message":"404 Project Not Found"}'])
  })

  it('unknown ones are not there', async () => {
    expect((await server.call('GET', '/pipelines/99999/events/stream')).text).toBe(
      '{"message":"404 Not found"}',
    )
    expect((await server.call('GET', '/jobs/99999/events/stream')).text).toBe('{"message":"404 Not found"}')
  })

  it('HEAD opens nothing', async () => {
    const head = await fresh.call('HEAD', '/events/stream')
    expect([head.status, head.headers['content-type']]).toEqual([200, 'text/event-stream'])
    const metrics = await fresh.send('/metrics')
    expect(/^sluice_event_streams (\d+)$/m.exec(metrics.text)?.[1]).toBe('0')
  })
})
