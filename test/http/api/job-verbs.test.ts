import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEVELOPER, liveServer, MAINTAINER, OWNER, type LiveServer } from '../support/live.ts'

const CI = `
stages: [build, deploy]
compile: {stage: build, script: make}
deploy: {stage: deploy, script: make deploy, when: manual}
child: {stage: deploy, when: manual, trigger: {include: child.yml}}
`

interface JobBody {
  readonly id: number
  readonly name: string
  readonly status: string
}

let server: LiveServer
let pipelineId: number
let jobs: Record<string, number>
beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': CI, 'child.yml': 'sub: {script: x}\n' })
})
beforeEach(async () => {
  for (const pipeline of server.app.store.pipelines.newest(9, 5)) server.app.engine.cancel(pipeline.id)
  pipelineId = await server.pipeline()
  jobs = Object.fromEntries(server.app.store.jobs.headsOf(pipelineId).map(({ name, id }) => [name, id]))
})

const id = (name: string): number => jobs[name] ?? 0

describe('play', () => {
  it('is 200, takes variables, and shows them to the job', async () => {
    await server.finish('compile')
    const played = await server.call('POST', `/jobs/${id('deploy')}/play`, {
      job_variables_attributes: [{ key: 'TARGET', value: 'moon' }],
    })
    expect([played.status, (played.body as JobBody).status]).toEqual([200, 'pending'])
    const payload = await server.take('deploy')
    expect(payload.variables.find(({ key }) => key === 'TARGET')?.value).toBe('moon')
  })

  it('answers a bridge as a bridge', async () => {
    await server.finish('compile')
    const played = await server.call('POST', `/jobs/${id('child')}/play`)
    expect([
      played.status,
      'downstream_pipeline' in (played.body as object),
      'tag_list' in (played.body as object),
    ]).toEqual([200, true, false])
  })

  it.each([
    ['compile', undefined, '{"message":"400 Bad request - Unplayable Job"}'],
    [
      'deploy',
      { job_variables_attributes: [{ key: 'A' }] },
      '{"error":"job_variables_attributes[0][value] is missing"}',
    ],
    ['deploy', { job_variables_attributes: 'x' }, '{"error":"job_variables_attributes is invalid"}'],
  ])('%s %j is refused', async (name, body, text) => {
    const answer = await server.call('POST', `/jobs/${id(name)}/play`, body)
    expect([answer.status, answer.text]).toEqual([400, text])
  })

  it.each(['', 'A=B', 'A;B', 'A-B', 'x'.repeat(256)])(
    'takes no variable that is called "%s"',
    async (key) => {
      const sent = { job_variables_attributes: [{ key, value: 'x' }] }
      const answer = await server.call('POST', `/jobs/${id('deploy')}/play`, sent)
      expect([answer.status, answer.body]).toEqual([
        400,
        { message: { 'job_variables.key': ["can contain only letters, digits and '_'."] } },
      ])
    },
  )
})

describe('retry', () => {
  it('is 201 with the new job, and 403 for one that runs or was retried', async () => {
    const running = await server.call('POST', `/jobs/${id('compile')}/retry`)
    expect([running.status, running.text]).toEqual([
      403,
      '{"message":"403 Forbidden - Job is not retryable"}',
    ])
    await server.finish('compile', '', 1)
    const retried = await server.call('POST', `/jobs/${id('compile')}/retry`, undefined, DEVELOPER)
    expect([retried.status, (retried.body as JobBody).id > id('compile')]).toEqual([201, true])
    expect((retried.body as { user: { username: string } }).user.username).toBe('dev')
    const again = await server.call('POST', `/jobs/${id('compile')}/retry`)
    expect(again.status).toBe(403)
  })
})

describe('cancel', () => {
  it('is 201, and 201 unchanged for a job that has ended', async () => {
    const canceled = await server.call('POST', `/jobs/${id('compile')}/cancel`)
    expect([canceled.status, (canceled.body as JobBody).status]).toEqual([201, 'canceled'])
    const again = await server.call('POST', `/jobs/${id('compile')}/cancel`)
    expect([again.status, (again.body as JobBody).status]).toEqual([201, 'canceled'])
  })

  it('by force is for maintainers, and ends one that is canceling', async () => {
    await server.take('compile')
    const asked = await server.call('POST', `/jobs/${id('compile')}/cancel`)
    expect((asked.body as JobBody).status).toBe('canceling')
    const refused = await server.call('POST', `/jobs/${id('compile')}/cancel`, { force: true }, DEVELOPER)
    expect([refused.status, refused.text]).toEqual([403, '{"message":"403 Forbidden"}'])
    const forced = await server.call('POST', `/jobs/${id('compile')}/cancel`, { force: true }, MAINTAINER)
    expect([forced.status, (forced.body as JobBody).status]).toEqual([201, 'canceled'])
  })
})

describe('erase', () => {
  it('takes the log away; a developer only from his own jobs; not of one that runs', async () => {
    const early = await server.call('POST', `/jobs/${id('compile')}/erase`)
    expect([early.status, early.text]).toEqual([403, '{"message":"403 Forbidden - Job is not erasable!"}'])
    await server.finish('compile', 'secrets\n')
    const foreign = await server.call('POST', `/jobs/${id('compile')}/erase`, undefined, DEVELOPER)
    expect([foreign.status, foreign.text]).toEqual([403, '{"message":"403 Forbidden"}'])
    const erased = await server.call('POST', `/jobs/${id('compile')}/erase`)
    expect([erased.status, (erased.body as { erased_at: string | null }).erased_at === null]).toEqual([
      201,
      false,
    ])
    expect((await server.call('GET', `/jobs/${id('compile')}/trace`)).text).toBe('')
  })
})

describe('looking', () => {
  it('keeps bridges apart from jobs', async () => {
    const names = async (path: string) =>
      ((await server.call('GET', path)).body as JobBody[]).map(({ name }) => name)
    expect(await names(`/pipelines/${pipelineId}/jobs`)).toEqual(['deploy', 'compile'])
    expect(await names(`/pipelines/${pipelineId}/bridges`)).toEqual(['child'])
    const bridge = await server.call('GET', `/jobs/${id('child')}`)
    expect([bridge.status, bridge.text]).toEqual([404, '{"message":"404 Not found"}'])
  })

  it('GET /job is the job of the token, and of no other token', async () => {
    const payload = await server.take('compile')
    const own = await server.send('/api/v4/job', { headers: { 'JOB-TOKEN': payload.token } })
    expect([own.status, (JSON.parse(own.text) as JobBody).id]).toEqual([200, id('compile')])
    const other = await server.send('/api/v4/job', { headers: { 'PRIVATE-TOKEN': OWNER } })
    expect([other.status, other.text]).toEqual([404, '{"message":"404 Job Not Found"}'])
  })

  it('reads parts of a log by Range and by byte_offset', async () => {
    await server.finish('compile', '0123456789')
    const path = `/api/v4/projects/9/jobs/${id('compile')}/trace`
    const part = (range: string) => server.send(path, { headers: { 'PRIVATE-TOKEN': OWNER, Range: range } })
    const from = await part('bytes=4-')
    expect([from.status, from.text, from.headers['content-range'], from.headers['content-length']]).toEqual([
      206,
      '456789',
      'bytes 4-9/10',
      '6',
    ])
    expect((await part('bytes=2-3')).text).toBe('23')
    expect((await part('bytes=-3')).text).toBe('789')
    const past = await part('bytes=10-')
    expect([past.status, past.headers['content-range']]).toEqual([416, 'bytes */10'])
    expect((await part('bytes=0-1,4-5')).status).toBe(200)
    expect((await part('lines=1-2')).text).toBe('0123456789')

    const get = async (query: string) =>
      (await server.call('GET', `/jobs/${id('compile')}/trace?${query}`)).text
    expect(await get('byte_offset=4')).toBe('456789')
    expect(await get('byte_offset=4&byte_limit=2')).toBe('45')
    expect(await get('byte_limit=3')).toBe('012')
    expect(await get('byte_offset=99')).toBe('')
    expect(await get('byte_limit=0')).toBe('{"error":"byte_limit does not have a valid value"}')
    expect(await get('byte_offset=-1')).toBe('{"error":"byte_offset does not have a valid value"}')
    expect(await get('byte_limit=512001')).toBe('{"error":"byte_limit does not have a valid value"}')
  })
})

describe('GET /projects/:id/jobs', () => {
  const ids = (text: string): number[] => (JSON.parse(text) as JobBody[]).map((job) => job.id)

  it('is newest first, filtered, and never counted', async () => {
    await server.finish('compile', '', 1)
    const all = await server.call('GET', '/jobs?per_page=2')
    expect(ids(all.text)).toEqual([id('deploy'), id('compile')])
    expect([all.headers['x-total'], all.headers['x-next-page']]).toEqual([undefined, '2'])
    const failed = await server.call('GET', '/jobs?scope[]=failed&per_page=1')
    expect(ids(failed.text)).toEqual([id('compile')])
    expect((await server.call('GET', '/jobs?ref=other')).text).toBe('[]')
    expect((await server.call('GET', '/jobs?scope=passed')).text).toBe(
      '{"error":"scope does not have a valid value"}',
    )
  })

  it('goes on by cursor', async () => {
    const seen: number[] = []
    let path: string | undefined = '/jobs?pagination=keyset&order_by=id&sort=desc&per_page=2'
    while (path !== undefined) {
      const page = await server.call('GET', path)
      expect(page.headers['x-page']).toBeUndefined()
      seen.push(...ids(page.text))
      const next: string | undefined = /^<[^>]*\/projects\/9([^>]*)>; rel="next"$/.exec(
        String(page.headers.link),
      )?.[1]
      path = next
    }
    const all = await server.call('GET', '/jobs?per_page=100')
    expect(seen).toEqual(ids(all.text))
    expect(seen.length).toBeGreaterThan(3)
  })

  it('has no other keyset', async () => {
    const answer = await server.call('GET', '/jobs?pagination=keyset&order_by=id&sort=asc')
    expect([answer.status, answer.text]).toEqual([
      405,
      '{"error":"Keyset pagination is not yet available for this type of request"}',
    ])
    expect((await server.call('GET', '/jobs?pagination=keyset&cursor=x')).status).toBe(400)
  })
})
