import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { logIn, textOf, type Browser } from '../support/browser.ts'
import { DEVELOPER, liveServer, MAINTAINER, type LiveServer } from '../support/live.ts'

const CI = `
pack:
  script: make
  coverage: '/all (\\d+)%/'
  artifacts: {paths: [out], name: my build, expire_in: 1 week, reports: {junit: junit.xml}}
child: {stage: deploy, trigger: {include: child.yml, strategy: depend}}
late: {stage: deploy, script: x, when: delayed, start_in: 1 hour, resource_group: production}
`
const JUNIT = `<testsuite name="s"><testcase classname="C" name="good" time="1.5"/>
<testcase classname="C" name="bad &lt;i>"><failure>expected &lt;b></failure></testcase></testsuite>`

let server: LiveServer
let developer: Browser
let maintainer: Browser
let pipeline: number
let pack: number

const PROJECT = '/group/app/-'

beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': CI, 'child.yml': 'inner: {script: x}\n' })
  developer = await logIn(server.send, DEVELOPER)
  maintainer = await logIn(server.send, MAINTAINER)
  pipeline = await server.pipeline()
  const payload = await server.take('pack')
  pack = payload.id
  const { coordinator } = server.app.engine
  const staged = await coordinator.stageArtifacts(payload.token)
  for (const [path, content] of [
    ['out/page.html', '<script>1</script>'],
    ['out/deep/a b#.txt', 'hello\n'],
  ] as const) {
    mkdirSync(join(staged, path, '..'), { recursive: true })
    writeFileSync(join(staged, path), content)
  }
  await coordinator.putArtifacts(payload.token, {
    staged,
    name: 'my build',
    size: 24,
    files: 2,
    expireIn: '1 week',
  })
  const reports = await coordinator.stageArtifacts(payload.token)
  writeFileSync(join(reports, 'junit.xml'), JUNIT)
  await coordinator.putReport(payload.token, {
    type: 'junit',
    format: 'raw',
    name: 'junit.xml',
    staged: join(reports, 'junit.xml'),
    size: JUNIT.length,
    files: 1,
    expireIn: '1 week',
  })
  const inner = new Promise<void>((resolve) => {
    const stop = server.app.engine.events.on((event) => {
      if (event.type !== 'pipeline' || event.pipelineId === pipeline) return
      stop()
      resolve()
    })
  })
  await coordinator.updateJob(payload.token, { state: 'success' })
  await inner
})

describe('artifacts', () => {
  it('are browsed and downloaded, and run nowhere', async () => {
    const job = textOf((await developer.get(`${PROJECT}/jobs/${pack}`)).text)
    expect(job).toMatch(/They are kept until \d{4}-.* Browse · Download 24 bytes Report junit, \d+ bytes/)
    const browse = `${PROJECT}/jobs/${pack}/artifacts/browse`
    expect((await developer.get(browse)).text).toContain(`<a href="${browse}/out">out/</a>`)
    const deep = await developer.get(`${browse}/out/deep`)
    expect(deep.text).toContain(`href="${PROJECT}/jobs/${pack}/artifacts/raw/out/deep/a%20b%23.txt"`)
    const file = await developer.get(`${PROJECT}/jobs/${pack}/artifacts/raw/out/deep/a%20b%23.txt`)
    expect([file.status, file.text]).toEqual([200, 'hello\n'])
    const html = await developer.get(`${PROJECT}/jobs/${pack}/artifacts/raw/out/page.html`)
    expect([
      html.headers['content-type'],
      html.headers['content-security-policy'],
      String(html.headers['content-disposition']),
    ]).toEqual(['text/plain; charset=utf-8', 'sandbox', 'attachment; filename="page.html"'])
    const zip = await developer.get(`${PROJECT}/jobs/${pack}/artifacts/download`)
    expect([zip.status, zip.text.slice(0, 2), zip.headers['content-disposition']]).toEqual([
      200,
      'PK',
      'attachment; filename="my build.zip"',
    ])
  })

  it.each(['browse/none', 'browse/..', 'raw/..%2f..%2fsluice.db', 'raw/none'])(
    '%s is not there',
    async (path) => {
      expect((await developer.get(`${PROJECT}/jobs/${pack}/artifacts/${path}`)).status).toBe(404)
    },
  )
})

describe('a pipeline', () => {
  it('shows its tests, and each of them', async () => {
    const page = await developer.get(`${PROJECT}/pipelines/${pipeline}`)
    expect(textOf(page.text)).toContain('2 tests : 1 passed, 1 failed, 0 with errors, 0 skipped.')
    const report = await developer.get(`${PROJECT}/pipelines/${pipeline}/test_report`)
    expect(report.status).toBe(200)
    expect(report.text).toContain('bad &lt;i>')
    expect(report.text).toContain('expected &lt;b>')
    expect(textOf(report.text)).toMatch(/pack .*✖ failed C · bad <i>.* ✔ success C · good 1\.5 s/)
  })

  it('and its child lead to each other', async () => {
    const [child] = server.app.store.pipelines.startedFrom(pipeline)
    const page = await developer.get(`${PROJECT}/pipelines/${pipeline}`)
    expect(page.text).toContain(`<a href="${PROJECT}/pipelines/${child?.id}">group/app #${child?.id}</a>`)
    const below = textOf((await developer.get(`${PROJECT}/pipelines/${child?.id}`)).text)
    expect(below).toContain(`Started by job child of group/app #${pipeline}`)
    const bridge = server.app.store.jobs.ofPipeline(pipeline).find(({ name }) => name === 'child')
    expect(textOf((await developer.get(`${PROJECT}/jobs/${bridge?.id}`)).text)).toContain(
      `Downstream pipeline group/app #${child?.id}`,
    )
  })

  it('says until when a job is delayed, and lets go of the timer', async () => {
    const late = server.app.store.jobs.ofPipeline(pipeline).find(({ name }) => name === 'late')
    const path = `${PROJECT}/jobs/${late?.id}`
    const text = textOf((await developer.get(path)).text)
    expect(text).toMatch(/It is delayed and starts at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\./)
    expect(text).toContain('Resource group production')
    const freed = await developer.submit(`${path}/unschedule`)
    expect(freed.said).toBe('late waits for somebody to start it.')
    expect(freed.text).toContain('It is manual: somebody has to start it.')
  })
})

describe('artifacts, in the end,', () => {
  it('are kept, and deleted by maintainers', async () => {
    const path = `${PROJECT}/jobs/${pack}`
    const kept = await developer.submit(`${path}/artifacts/keep`)
    expect([kept.said, kept.text.includes('They are kept until')]).toEqual(['The artifacts are kept.', false])
    expect((await maintainer.submit(`${path}/artifacts/delete`)).said).toBe('The artifacts were deleted.')
    expect((await developer.get(`${path}/artifacts/download`)).status).toBe(404)
  })
})
