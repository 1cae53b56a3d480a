import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { DEFAULT_RETENTION, type RetentionRules } from '../../../src/model/retention.ts'
import { sweepOrphans } from '../../../src/pipeline/retention/orphans.ts'
import { removeAllMarked } from '../../../src/pipeline/retention/remove.ts'
import { makeRoomIn } from '../../../src/pipeline/retention/round.ts'
import type { Store } from '../../../src/store/store.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'

const YAML = 'build: {script: [make]}\n'
const HOUR = 3_600_000
const never = (): boolean => false

function rules(more: Partial<RetentionRules>): RetentionRules {
  return { ...DEFAULT_RETENTION, keepN: 0, keepLatestSuccess: false, ...more }
}

const count = (n: number): Partial<RetentionRules> => ({
  pipelines: { ...DEFAULT_RETENTION.pipelines, count: n },
})

function round(test: TestEngine, wanted: Partial<RetentionRules>) {
  return makeRoomIn(test.store, 9, {
    rules: rules(wanted),
    now: test.clock.now(),
    stopped: never,
    removeUnfinished: (id) => test.engine.verbs.deletePipeline(id).ok,
  })
}

/** A pipeline that has ended, with a log and an archive. */
async function ended(
  test: TestEngine,
  expireIn: string | null = null,
): Promise<{ id: number; job: number; log: string; archive: string }> {
  const id = await test.create()
  const payload = await test.finish('build')
  const job = payload.job_info.id
  const row = test.store.jobs.find(job)
  if (!row) throw new Error('no such job')
  const log = test.store.traces.pathOf(row)
  write(log, 'a log')
  test.store.jobs.setTraceSize(job, 5)
  const path = join('artifacts', '2026', '11', String(job))
  write(join(test.store.stateDir, path, 'file'), 'x')
  test.store.artifacts.add(
    {
      jobId: job,
      kind: 'archive',
      name: null,
      path,
      size: 1,
      files: 1,
      expiresAt: expireIn === null ? null : test.clock.now() + HOUR,
    },
    test.clock.now(),
  )
  return { id, job, log, archive: join(test.store.stateDir, path) }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function ids(store: Store): number[] {
  return store.pipelines.newest(9, 100).map(({ id }) => id)
}

it('removes what is too much with its files, and nothing else', async () => {
  const test = testEngine(YAML)
  const [old, young] = [await ended(test), await ended(test)]
  expect(await round(test, count(1))).toEqual({ pipelines: [old.id], logs: 0, artifacts: 0, deliveries: 0 })
  expect(ids(test.store)).toEqual([young.id])
  expect([old.log, old.archive, young.log, young.archive].map((path) => existsSync(path))).toEqual([
    false,
    false,
    true,
    true,
  ])
  expect(test.store.jobs.find(old.job)).toBeUndefined()
})

it('never touches what runs', async () => {
  const test = testEngine(YAML)
  const running = await test.create()
  await test.take()
  const young = await ended(test)
  expect((await round(test, count(1))).pipelines).toEqual([])
  expect(ids(test.store)).toEqual([young.id, running])
})

it('what waits for somebody to play a job goes like what has ended, also while it is remembered', async () => {
  const test = testEngine('gate: {script: [make], when: manual, allow_failure: false}\n')
  const [old, young] = [await test.create(), await test.create()]
  expect(test.store.pipelines.find(old)?.status).toBe('manual')
  expect((await round(test, count(1))).pipelines).toEqual([old])
  expect(ids(test.store)).toEqual([young])
  expect(test.store.pipelines.find(young)?.status).toBe('manual')
})

it('never touches a pipeline of which somebody keeps artifacts', async () => {
  const test = testEngine(YAML)
  const [old] = [await ended(test), await ended(test)]
  test.engine.verbs.keepArtifacts(old.job)
  expect((await round(test, count(1))).pipelines).toEqual([])
  expect(existsSync(old.log)).toBe(true)
})

it('removes logs alone; the job then has none', async () => {
  const test = testEngine(YAML)
  const [old, young] = [await ended(test), await ended(test)]
  expect(await round(test, { logs: { ageMs: Infinity, bytes: 5 } })).toMatchObject({ pipelines: [], logs: 1 })
  expect([old.log, young.log].map((path) => existsSync(path))).toEqual([false, true])
  expect(test.store.retention.jobsWithLog(old.id, 9)).toEqual([])
})

it('artifacts with a date stay until then, whatever their age', async () => {
  const test = testEngine(YAML)
  const [dated, undated] = [await ended(test, '1 hour'), await ended(test)]
  test.clock.advance(1)
  expect(await round(test, { artifacts: { ageMs: 0, bytes: Infinity } })).toMatchObject({ artifacts: 1 })
  expect([dated.archive, undated.archive].map((path) => existsSync(path))).toEqual([true, false])
})

it('the last pipeline of a schedule stays, those before it go', async () => {
  const test = testEngine(YAML)
  const input = { description: 'nightly', ref: 'main', cron: '0 1 * * *', timezone: 'UTC' }
  const options = { active: true, inputs: {}, missed: 'once' } as const
  const made = await test.engine.schedules.create(9, { ...input, ...options }, 1)
  if (!made.ok) throw new Error(JSON.stringify(made.error))
  for (let run = 0; run < 2; run++) {
    await test.create({ source: 'schedule', scheduleId: made.value.id })
    await test.finish('build')
  }
  const [last, first] = ids(test.store)
  const young = await ended(test)
  expect((await round(test, count(1))).pipelines).toEqual([first])
  expect(ids(test.store)).toEqual([young.id, last])
})

it('what a running child pipeline may need of its parent stays, and the parent too', async () => {
  const test = testEngine(
    'build: {script: [make]}\nstart: {stage: deploy, trigger: {include: child.yml}}\n',
    {
      files: { 'child.yml': 'inner: {script: [make]}\n' },
    },
  )
  const parent = await ended(test)
  await vi.waitFor(() => expect(test.store.pipelines.find(parent.id)?.status).toBe('success'))
  expect(test.store.retention.family(parent.id)).toHaveLength(2)
  const tight = { ...count(1), artifacts: { ageMs: Infinity, bytes: 0 } }
  expect(await round(test, tight)).toMatchObject({ pipelines: [], artifacts: 0 })
  expect(existsSync(parent.archive)).toBe(true)
  await test.finish('inner')
  expect(await round(test, tight)).toMatchObject({ pipelines: [], artifacts: 1 })
})

it('goes on after a crash with what was chosen', async () => {
  const test = testEngine(YAML)
  const { id } = await ended(test)
  test.store.write('normal', () => test.store.retention.mark(id))
  expect(await removeAllMarked(test.store)).toEqual([{ id, projectId: 9 }])
  expect(ids(test.store)).toEqual([])
})

it('lets a chosen pipeline live that was started again meanwhile', async () => {
  const test = testEngine(YAML)
  const { id, job } = await ended(test)
  test.store.write('normal', () => test.store.retention.mark(id))
  test.engine.verbs.retry(job, { userId: 1 })
  expect(await removeAllMarked(test.store)).toEqual([])
  expect(test.store.retention.marked()).toEqual([])
  expect(ids(test.store)).toEqual([id])
})

it('brings rows and files into agreement, and leaves young files alone', async () => {
  const test = testEngine(YAML)
  const lost = await ended(test)
  const kept = await ended(test)
  const orphan = join(test.store.stateDir, 'traces', '2026', '01', '9999.log')
  const young = join(test.store.stateDir, 'traces', '2026', '01', '9998.log')
  for (const path of [orphan, young]) write(path, 'x')
  const now = Date.now()
  utimesSync(orphan, now / 1000 - 7200, now / 1000 - 7200)
  for (const path of [lost.log, lost.archive]) rmSync(path, { recursive: true })
  // Rows and files must both be an hour old: the rows are of the frozen clock.
  const later = Math.max(now, test.clock.now() + 2 * HOUR)
  utimesSync(young, later / 1000 - 60, later / 1000 - 60)
  expect(await sweepOrphans(test.store, later, never)).toEqual({ files: 1, rows: 2 })
  expect([orphan, young, kept.log, kept.archive].map((path) => existsSync(path))).toEqual([
    false,
    true,
    true,
    true,
  ])
  expect(test.store.artifacts.ofJob(lost.job)).toEqual([])
  expect(await sweepOrphans(test.store, later, never)).toEqual({ files: 0, rows: 0 })
})
