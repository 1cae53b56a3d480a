import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { variable } from '../../src/model/variable.ts'
import { sweepArtifacts } from '../../src/pipeline/artifact-expiry.ts'
import { testEngine, type TestEngine } from '../support/engine.ts'
import { endJob, leaveArchive, leaveReport, takeJob, valueOf } from '../support/artifacts.ts'

const DAY = 24 * 3600 * 1000
const TWO = 'a: {script: [a], stage: build}\nb: {script: [b], stage: test}\n'
const nextTurn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))

async function firstJob(lab: TestEngine, expireIn: string | null): Promise<number> {
  const id = await lab.create()
  const payload = await takeJob(lab, 'a')
  await leaveArchive(lab, payload, { 'out/x': 'content' }, expireIn)
  await endJob(lab, payload)
  return id
}

describe('the time of artifacts', () => {
  test.each([
    [null, 30 * DAY],
    ['1 week', 7 * DAY],
    ['never', null],
  ])('expire_in %s', async (expireIn, ms) => {
    const lab = testEngine(TWO)
    await firstJob(lab, expireIn)
    const [archive] = lab.store.artifacts.ofJob(1)
    expect(archive?.expiresAt).toBe(ms === null ? null : lab.clock.now() + ms)
    expect(lab.store.artifacts.expiryOf(1)).toBe(archive?.expiresAt)
  })

  test('over before they are needed, the job that needs them fails before it starts', async () => {
    const lab = testEngine(TWO)
    const id = await firstJob(lab, '1 minute')
    lab.clock.advance(61_000)
    expect(await lab.take()).toBeUndefined()
    expect(lab.statuses(id)).toEqual({ a: 'success', b: 'failed' })
    const job = lab.store.jobs.ofPipeline(id)[1]
    expect(job?.failureReason).toBe('missing_dependency_failure')
    expect(job && readFileSync(lab.store.traces.pathOf(job), 'utf8')).toBe(
      '\u001b[31;1mERROR: This job could not start because it could not retrieve the needed artifacts: a\na (1): they have expired\u001b[0;m\n',
    )
  })

  test.each([
    ['needs: [{job: a, artifacts: false}]', true],
    ['dependencies: []', true],
    ['needs: []', true],
    ['needs: [a]', false],
    ['dependencies: [a]', false],
  ])('matters to a job with `%s`: starts %s', async (keyword, starts) => {
    const lab = testEngine(`${TWO}c: {script: [c], stage: deploy, when: manual, ${keyword}}\n`)
    const id = await firstJob(lab, '1 minute')
    await lab.finish('b')
    lab.clock.advance(61_000)
    const [job] = lab.store.jobs.ofPipeline(id).filter(({ name }) => name === 'c')
    lab.engine.verbs.play(job?.id ?? 0, { userId: null })
    // Its pipeline runs again, and is no success: nothing keeps what has expired.
    expect((await lab.take())?.job_info.name).toBe(starts ? 'c' : undefined)
  })

  test('ended by erasing the job counts as over, too', async () => {
    const lab = testEngine(`${TWO}c: {script: [c], stage: deploy, when: manual, needs: [a]}\n`)
    const id = await firstJob(lab, null)
    await lab.finish('b')
    expect(lab.engine.verbs.erase(1, { userId: null }).ok).toBe(true)
    lab.engine.verbs.play(3, { userId: null })
    expect(await lab.take()).toBeUndefined()
    expect(lab.statuses(id)['c']).toBe('failed')
    const job = lab.store.jobs.find(3)
    expect(job && readFileSync(lab.store.traces.pathOf(job), 'utf8')).toContain('a (1): it was erased')
  })

  test('over, they are removed, but for those of the newest success of a ref', async () => {
    const lab = testEngine(TWO)
    for (let round = 0; round < 2; round++) {
      await firstJob(lab, '1 minute')
      await lab.finish('b')
    }
    lab.clock.advance(61_000)
    const { store, clock } = lab
    const folder = (jobId: number) => join(store.stateDir, store.artifacts.ofJob(jobId)[0]?.path ?? 'gone')
    const [old, newest] = [folder(1), folder(3)]
    expect(await sweepArtifacts({ store, clock })).toBe(1)
    expect([existsSync(old), existsSync(newest)]).toEqual([false, true])
    expect(store.artifacts.ofJob(1)).toEqual([])
    const rules = { expireSeconds: 0, keepLatest: false }
    expect(await sweepArtifacts({ store, clock, artifacts: rules })).toBe(1)
    expect(existsSync(newest)).toBe(false)
    expect(store.artifacts.expiryOf(1)).toBeLessThan(clock.now())
  })

  test('over while the pipeline runs, they stay until it has ended', async () => {
    const lab = testEngine(TWO)
    await firstJob(lab, '1 minute')
    lab.clock.advance(61_000)
    expect(await sweepArtifacts(lab)).toBe(0)
    await lab.take() // ends b, which cannot start
    expect(await sweepArtifacts(lab)).toBe(1)
  })

  test('is looked at by the daemon', async () => {
    const lab = testEngine(TWO)
    lab.engine.recover('serve')
    await firstJob(lab, '1 minute')
    lab.clock.advance(30_000)
    await nextTurn()
    await lab.finish('b')
    await firstJob(lab, null)
    await lab.finish('b')
    lab.clock.advance(60_000)
    while (lab.store.artifacts.ofJob(1).length > 0) await nextTurn()
    expect(lab.store.artifacts.ofJob(3)).toHaveLength(1)
    lab.engine.stop()
  })
})

describe('reports', () => {
  test('are kept beside the archive with their types, one of each', async () => {
    const lab = testEngine('a: {script: [a]}\n')
    await lab.create()
    const payload = await takeJob(lab, 'a')
    expect(await leaveReport(lab, payload, 'junit', '<testsuite><testcase name="t"/></testsuite>')).toMatchObject({ ok: true })
    expect(await leaveReport(lab, payload, 'junit', '<testsuite><testcase name="t"/></testsuite>')).toMatchObject({ ok: true })
    expect(await leaveReport(lab, payload, 'junit', '<other/>')).toEqual({
      ok: false,
      error: 'another artifact of the same type already exists',
    })
    await endJob(lab, payload)
    expect(lab.store.artifacts.ofJob(payload.id)).toMatchObject([{ kind: 'junit', format: 'gzip', name: 'junit.gz', files: 1 }])
    expect(await lab.engine.reports.testReport(1)).toMatchObject({
      total_count: 1,
      test_suites: [{ name: 'a', test_cases: [{ name: 't', status: 'success' }] }],
    })
    expect(await lab.engine.reports.testReportSummary(1)).toMatchObject({ total: { count: 1 }, test_suites: [{ build_ids: [1] }] })
    expect(lab.engine.verbs.deleteArtifacts(payload.id).ok).toBe(true)
    expect(readdirSync(join(lab.store.stateDir, 'artifacts', '2026', '11'))).toEqual([])
    expect(await lab.engine.reports.testReport(1)).toMatchObject({ total_count: 0, test_suites: [] })
  }) // prettier-ignore

  test('of dotenv give their variables to the jobs that need them, above YAML and below the project', async () => {
    const lab = testEngine(`
variables: {A: yaml, B: yaml}
one: {stage: build, script: [x]}
two: {stage: build, script: [x]}
all: {stage: test, script: [x], variables: {A: job}}
needs: {stage: test, script: [x], needs: [one]}
without: {stage: test, script: [x], needs: [{job: one, artifacts: false}]}
none: {stage: test, script: [x], dependencies: []}
`)
    await lab.create({ variables: [variable('P', 'trigger', 'trigger')] })
    for (const name of ['one', 'two']) {
      const payload = await takeJob(lab, name)
      await leaveReport(lab, payload, 'dotenv', `A=${name}\nP=dotenv\nREF=at $CI_COMMIT_REF_NAME\n`)
      await endJob(lab, payload)
    }
    const seen = async () => {
      const payload = await lab.take()
      if (!payload) throw new Error('no job')
      return [payload.job_info.name, ...['A', 'B', 'P', 'REF'].map((key) => valueOf(payload, key))]
    }
    expect(await seen()).toEqual(['all', 'two', 'yaml', 'trigger', 'at main'])
    expect(await seen()).toEqual(['needs', 'one', 'yaml', 'trigger', 'at main'])
    expect(await seen()).toEqual(['without', 'yaml', 'yaml', 'trigger', undefined])
    expect(await seen()).toEqual(['none', 'yaml', 'yaml', 'trigger', undefined])
  })

  test('of dotenv that are wrong are refused, and nothing is kept', async () => {
    const lab = testEngine('a: {script: [a]}\n')
    await lab.create()
    const payload = await takeJob(lab, 'a')
    expect(await leaveReport(lab, payload, 'dotenv', '# no\n')).toEqual({
      ok: false,
      error: 'Invalid Format',
    })
    expect(await leaveReport(lab, payload, 'dotenv', `A=${'x'.repeat(1e6)}\n`)).toEqual({
      ok: false,
      error: 'Dotenv Artifact Too Big. Maximum Allowable Size: 5120',
    })
    expect(lab.store.artifacts.ofJob(payload.id)).toEqual([])
    expect(lab.store.jobVariables.of(payload.id, 'dotenv')).toEqual([])
  })

  test('are asked for whatever `when` says, an archive only where there are paths', async () => {
    const lab = testEngine(`
a:
  script: [a]
  artifacts:
    when: on_failure
    expire_in: 1 day
    reports: {junit: [a.xml, b.xml], codequality: q.json, coverage_report: {coverage_format: cobertura, path: c.xml}}
`)
    await lab.create()
    const payload = await takeJob(lab, 'a')
    const common = { exclude: [], untracked: false, when: 'always', expire_in: '1 day' }
    expect(payload.artifacts).toEqual([
      { ...common, artifact_type: 'codequality', artifact_format: 'raw', name: 'gl-code-quality-report.json', paths: ['q.json'] },
      { ...common, artifact_type: 'junit', artifact_format: 'gzip', name: 'junit.xml', paths: ['a.xml', 'b.xml'] },
      { ...common, artifact_type: 'cobertura', artifact_format: 'gzip', name: 'cobertura-coverage.xml', paths: ['c.xml'] },
    ])
  }) // prettier-ignore
})
