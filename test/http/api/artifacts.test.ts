import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEVELOPER, liveServer, MAINTAINER, OWNER, type LiveServer } from '../support/live.ts'

const CI = `
pack: {script: make, artifacts: {paths: [out], name: my build, expire_in: 1 week}}
plain: {script: x}
`
const FILES: Readonly<Record<string, string>> = {
  'out/a b.txt': 'hello\n',
  'out/page.html': '<script>1</script>',
  'out/deep/data.bin': '\0\u0001',
}

let server: LiveServer
let pipelineId: number
let packed: number
let plain: number

beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': CI })
  server.repository.git('branch', 'feature/x')
  pipelineId = await server.pipeline()
  await pack()
  await server.finish('plain')
  const ids = new Map(server.app.store.jobs.headsOf(pipelineId).map(({ name, id }) => [name, id]))
  packed = ids.get('pack') ?? 0
  plain = ids.get('plain') ?? 0
})

/** Takes the job and leaves its artifacts. */
async function pack(): Promise<void> {
  const payload = await server.take('pack')
  const { coordinator } = server.app.engine
  const staged = await coordinator.stageArtifacts(payload.token)
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(join(staged, path, '..'), { recursive: true })
    writeFileSync(join(staged, path), content)
  }
  await coordinator.putArtifacts(payload.token, {
    staged,
    name: 'my build',
    size: 26,
    files: 3,
    expireIn: '1 week',
  })
  await coordinator.updateJob(payload.token, { state: 'success' })
}

const bytesOf = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(`${server.url}/api/v4/projects/9${path}`, {
    headers: { 'PRIVATE-TOKEN': OWNER, ...headers },
  })
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  }
}

describe('the archive', () => {
  it('is a zip, as an attachment', async () => {
    const { status, headers, bytes } = await bytesOf(`/jobs/${packed}/artifacts`)
    expect([
      status,
      headers.get('content-type'),
      headers.get('content-disposition'),
      headers.get('content-transfer-encoding'),
    ]).toEqual([200, 'application/octet-stream', 'attachment; filename="my build.zip"', 'binary'])
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004')
    for (const path of Object.keys(FILES)) expect(bytes.includes(path)).toBe(true)
  })

  it('comes in parts too, which make up the whole', async () => {
    const whole = (await bytesOf(`/jobs/${packed}/artifacts`)).bytes
    const first = await bytesOf(`/jobs/${packed}/artifacts`, { Range: 'bytes=0-99' })
    const rest = await bytesOf(`/jobs/${packed}/artifacts`, { Range: 'bytes=100-' })
    expect([first.status, first.headers.get('content-range')]).toEqual([206, `bytes 0-99/${whole.length}`])
    expect(Buffer.concat([first.bytes, rest.bytes]).equals(whole)).toBe(true)
    const past = await bytesOf(`/jobs/${packed}/artifacts`, { Range: `bytes=${whole.length}-` })
    expect([past.status, past.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`])
  })

  it('is in the job', async () => {
    const job = (await server.call('GET', `/jobs/${packed}`)).body as object
    expect(job).toMatchObject({
      artifacts_file: { filename: 'my build.zip', size: 26 },
      artifacts: [{ file_type: 'archive', size: 26, filename: 'my build.zip', file_format: 'zip' }],
    })
  })

  it.each([
    ['a job without', () => `/jobs/${plain}/artifacts`, '{"message":"404 Not Found"}'],
    ['an unknown job', () => '/jobs/99999/artifacts', '{"message":"404 Not found"}'],
    ['an unknown name', () => '/jobs/artifacts/main/download?job=nope', '{"message":"404 Not found"}'],
    [
      'a job without, by name',
      () => '/jobs/artifacts/main/download?job=plain',
      '{"message":"404 Not found"}',
    ],
    ['an unknown ref', () => '/jobs/artifacts/nope/download?job=pack', '{"message":"404 Not found"}'],
    [
      'a sha',
      () => `/jobs/artifacts/${server.repository.git('rev-parse', 'HEAD')}/download?job=pack`,
      '{"message":"404 Not found"}',
    ],
    ['HEAD', () => '/jobs/artifacts/HEAD/download?job=pack', '{"message":"404 Not found"}'],
  ])('%s: 404', async (_what, path, text) => {
    const answer = await server.call('GET', path())
    expect([answer.status, answer.text]).toEqual([404, text])
  })
})

describe('by ref and name', () => {
  it('of the newest success of the ref', async () => {
    const newer = await server.pipeline()
    const byRef = await bytesOf('/jobs/artifacts/main/download?job=pack')
    expect(byRef.bytes.equals((await bytesOf(`/jobs/${packed}/artifacts`)).bytes)).toBe(true)
    server.app.engine.cancel(newer)
    const missing = await server.call('GET', '/jobs/artifacts/main/download')
    expect([missing.status, missing.text]).toEqual([400, '{"error":"job is missing"}'])
  })

  it.each(['feature%2Fx', 'feature/x'])('a ref with a slash as %s', async (ref) => {
    expect((await server.call('GET', `/jobs/artifacts/${ref}/download?job=pack`)).status).toBe(404)
    await server.pipeline({ ref: 'feature/x' })
    await pack()
    await server.finish('plain')
    expect((await bytesOf(`/jobs/artifacts/${ref}/download?job=pack`)).status).toBe(200)
    expect((await bytesOf(`/jobs/artifacts/${ref}/raw/out/a%20b.txt?job=pack`)).bytes.toString()).toBe(
      'hello\n',
    )
    for (const each of server.app.store.pipelines.newest(9, 1)) {
      expect((await server.call('DELETE', `/pipelines/${each.id}`)).status).toBe(204)
    }
  })
})

describe('one file', () => {
  it.each([
    ['raw slashes', () => `/jobs/${packed}/artifacts/out/a%20b.txt`],
    ['encoded slashes', () => `/jobs/${packed}/artifacts/out%2Fa%20b.txt`],
    ['by ref', () => '/jobs/artifacts/main/raw/out/a%20b.txt?job=pack'],
    ['by ref, as gitbeaker writes it', () => '/jobs/artifacts/main/raw/out%2Fa%20b.txt?job=pack'],
  ])('%s', async (_what, path) => {
    const { status, headers, bytes } = await bytesOf(path())
    expect([status, headers.get('content-length'), headers.get('content-type'), bytes.toString()]).toEqual([
      200,
      '6',
      'text/plain; charset=utf-8',
      'hello\n',
    ])
  })

  it('has a type by its ending, but never runs in a browser', async () => {
    const page = await bytesOf(`/jobs/${packed}/artifacts/out/page.html`)
    expect([page.headers.get('content-type'), page.headers.get('content-security-policy')]).toEqual([
      'text/html; charset=utf-8',
      'sandbox',
    ])
    const ofRef = await bytesOf('/jobs/artifacts/main/raw/out/page.html?job=pack')
    expect(ofRef.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    const binary = await bytesOf(`/jobs/${packed}/artifacts/out/deep/data.bin`, { Range: 'bytes=1-1' })
    expect([binary.status, binary.headers.get('content-type'), [...binary.bytes]]).toEqual([
      206,
      'application/octet-stream',
      [1],
    ])
  })

  it.each([
    ['..%2F..%2Fsecret.key', 400, '{"message":"400 Bad request"}'],
    ['out%2F..%2Fout%2Fa%20b.txt', 400, '{"message":"400 Bad request"}'],
    ['out', 404, '{"message":"404 Not Found"}'],
    ['nope.txt', 404, '{"message":"404 Not Found"}'],
  ])('%s: %s', async (path, status, text) => {
    const answer = await server.call('GET', `/jobs/${packed}/artifacts/${path}`)
    expect([answer.status, answer.text]).toEqual([status, text])
    const ofRef = await server.call('GET', `/jobs/artifacts/main/raw/${path}?job=pack`)
    expect([ofRef.status, ofRef.text]).toEqual([status, text])
  })

  it('listed by folder', async () => {
    const top = (await server.call('GET', `/jobs/${packed}/artifacts/tree`)).body as {
      path: string
      type: string
    }[]
    expect(top.map(({ path, type }) => [path, type])).toEqual([['out', 'directory']])
    const out = (await server.call('GET', `/jobs/${packed}/artifacts/tree?path=out`)).body as object[]
    expect(out.slice(0, 1)).toMatchObject([{ name: 'a b.txt', path: 'out/a b.txt', type: 'file', size: 6 }])
    const all = await server.call('GET', `/jobs/${packed}/artifacts/tree?recursive=true&per_page=2`)
    expect([(all.body as object[]).length, all.headers['x-total']]).toEqual([2, '5'])
    expect((await server.call('GET', `/jobs/${packed}/artifacts/tree?path=nope`)).status).toBe(404)
  })
})

describe('a job’s token', () => {
  it('downloads from its own project while it runs', async () => {
    await server.pipeline()
    const payload = await server.take('pack')
    const path = `/api/v4/projects/9/jobs/${packed}/artifacts/out/a%20b.txt`
    const during = await server.send(path, { headers: { 'JOB-TOKEN': payload.token } })
    expect([during.status, during.text]).toEqual([200, 'hello\n'])
    await server.app.engine.coordinator.updateJob(payload.token, {
      state: 'failed',
      reason: 'script_failure',
      exitCode: 1,
    })
    const after = await server.send(path, { headers: { 'JOB-TOKEN': payload.token } })
    expect(after.status).toBe(401)
    await server.finish('plain')
  })
})

describe('keep and delete', () => {
  it('keep is 200 and takes the expiry away', async () => {
    const before = (await server.call('GET', `/jobs/${packed}`)).body as {
      artifacts_expire_at: string | null
    }
    expect(before.artifacts_expire_at).not.toBeNull()
    const kept = await server.call('POST', `/jobs/${packed}/artifacts/keep`, undefined, DEVELOPER)
    expect([kept.status, (kept.body as { artifacts_expire_at: null }).artifacts_expire_at]).toEqual([
      200,
      null,
    ])
    const none = await server.call('POST', `/jobs/${plain}/artifacts/keep`)
    expect([none.status, none.text]).toEqual([404, '{"message":"404 Not Found"}'])
  })

  it('delete is for maintainers', async () => {
    expect((await server.call('DELETE', `/jobs/${packed}/artifacts`, undefined, DEVELOPER)).status).toBe(403)
    const gone = await server.call('DELETE', `/jobs/${packed}/artifacts`, undefined, MAINTAINER)
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await server.call('GET', `/jobs/${packed}/artifacts`)).status).toBe(404)
    expect((await server.call('DELETE', `/jobs/${packed}/artifacts`)).status).toBe(204)
  })

  it('all of a project: 202, and the newest success of a ref stays', async () => {
    const old = await server.pipeline()
    await pack()
    await server.finish('plain')
    const young = await server.pipeline()
    await pack()
    await server.finish('plain')
    expect((await server.call('DELETE', '/artifacts', undefined, DEVELOPER)).status).toBe(403)
    const accepted = await server.call('DELETE', '/artifacts')
    expect([accepted.status, accepted.text]).toEqual([202, '{"message":"202 Accepted"}'])
    const jobOf = (id: number): number =>
      server.app.store.jobs.headsOf(id).find(({ name }) => name === 'pack')?.id ?? 0
    expect((await bytesOf(`/jobs/${jobOf(young)}/artifacts`)).status).toBe(200)
    expect((await bytesOf(`/jobs/${jobOf(old)}/artifacts`)).status).toBe(404)
  })
})
