import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import { variable } from '../../src/model/variable.ts'
import { makeSteadiness } from '../../src/pipeline/steadiness.ts'
import { failed, frozenClock, testEngine, type TestEngine } from '../support/engine.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

async function started(
  yaml: string,
  more: Parameters<typeof testEngine>[1] = {},
): Promise<TestEngine & { id: number }> {
  const t = testEngine(yaml, more)
  t.engine.recover('serve')
  return { ...t, id: await t.create() }
}

const jobOf = ({ store, id }: TestEngine & { id: number }, name = 'a') =>
  store.jobs.ofPipeline(id).find((job) => job.name === name)

/** Lets this much time pass, a minute at a time. */
function pass({ clock }: TestEngine, ms: number): void {
  for (let done = 0; done < ms; done += MINUTE) clock.advance(Math.min(MINUTE, ms - done))
}

const DELAYED = 'a: {script: [a], when: delayed, start_in: 30 minutes}'

describe('a delayed job', () => {
  test('that is no more than an hour late starts', async () => {
    const t = await started(DELAYED)
    t.clock.advance(30 * MINUTE + HOUR)
    expect(jobOf(t)).toMatchObject({ status: 'pending', scheduledAt: null })
  })

  test('that is more than an hour late has failed', async () => {
    const t = await started(DELAYED)
    t.clock.advance(30 * MINUTE + HOUR + 1)
    expect(jobOf(t)).toMatchObject({ status: 'failed', failureReason: 'stale_schedule', exitCode: null })
    expect(t.store.pipelines.find(t.id)?.status).toBe('failed')
  })

  test('is counted from when it could have started, not from the start of the pipeline', async () => {
    const t = await started(`b: {stage: build, script: [b]}\n${DELAYED}`)
    pass(t, HOUR)
    expect(t.statuses(t.id)).toEqual({ b: 'pending', a: 'created' })
    await t.finish('b')
    expect(jobOf(t)).toMatchObject({ status: 'scheduled', scheduledAt: t.clock.now() + 30 * MINUTE })
    pass(t, 30 * MINUTE)
    expect(jobOf(t)?.status).toBe('pending')
  })

  test('starts in time though the clock is set back', async () => {
    const t = await started(DELAYED)
    pass(t, 10 * MINUTE)
    t.clock.set(-365 * 24 * HOUR)
    pass(t, 19 * MINUTE)
    expect(jobOf(t)?.status).toBe('scheduled')
    pass(t, 2 * MINUTE)
    expect(jobOf(t)?.status).toBe('pending')
  })

  test('is not late because the clock was set forward, or the machine slept', async () => {
    const t = await started(DELAYED)
    t.clock.set(8 * HOUR)
    t.clock.advance(SECOND)
    expect(jobOf(t)?.status).toBe('pending')
  })

  test('is started by whoever comes after a daemon that died', async () => {
    const stateDir = temporaryFolder()
    const before = await started(DELAYED, { stateDir })
    const after = testEngine(DELAYED, { stateDir })
    after.engine.recover('serve')
    expect(jobOf({ ...after, id: before.id })?.status).toBe('scheduled')
    pass(after, 30 * MINUTE)
    expect(jobOf({ ...after, id: before.id })?.status).toBe('pending')
  })
})

describe('a job that nobody takes', () => {
  test('has failed after a day', async () => {
    const t = await started('a: {script: [a]}')
    t.clock.advance(24 * HOUR)
    expect(jobOf(t)?.status).toBe('pending')
    t.clock.advance(MINUTE)
    expect(jobOf(t)).toMatchObject({ status: 'failed', failureReason: 'stuck_or_timeout_failure' })
  })

  test('and that no runner could take has failed after an hour', async () => {
    const t = await started('a: {script: [a], tags: [gpu]}\nb: {script: [b], tags: [linux]}', {
      hasRunner: (projectId, tags) => projectId === 9 && tags.every((tag) => tag === 'linux'),
    })
    t.clock.advance(HOUR)
    expect(t.statuses(t.id)).toEqual({ a: 'pending', b: 'pending' })
    t.clock.advance(MINUTE)
    expect(t.statuses(t.id)).toEqual({ a: 'failed', b: 'pending' })
    expect(jobOf(t)?.failureReason).toBe('stuck_or_timeout_failure')
  })

  test('has failed after as long as is configured', async () => {
    const t = await started('a: {script: [a]}', { limits: { pendingSeconds: 600 } })
    t.clock.advance(10 * MINUTE)
    expect(jobOf(t)?.status).toBe('pending')
    t.clock.advance(MINUTE)
    expect(jobOf(t)?.status).toBe('failed')
  })

  test('is found in time, however short the limit', async () => {
    const t = await started('a: {script: [a]}', { limits: { pendingSeconds: 4 } })
    for (let second = 0; second < 4; second++) t.clock.advance(SECOND)
    expect(jobOf(t)?.status).toBe('pending')
    for (let second = 0; second < 5; second++) t.clock.advance(SECOND)
    expect(jobOf(t)).toMatchObject({ status: 'failed', failureReason: 'stuck_or_timeout_failure' })
  })

  test('has not waited because the clock was set forward', async () => {
    const t = await started('a: {script: [a]}')
    t.clock.set(72 * HOUR)
    pass(t, HOUR)
    expect(jobOf(t)?.status).toBe('pending')
  })

  test('is tried again where `retry` says so', async () => {
    const t = await started('a: {script: [a], retry: {max: 1, when: stuck_or_timeout_failure}}')
    t.clock.advance(24 * HOUR + MINUTE)
    expect(t.statuses(t.id)).toEqual({ a: 'pending' })
    expect(t.store.jobs.ofPipeline(t.id)).toHaveLength(2)
  })
})

describe('a job that runs', () => {
  test('in this process is left to its runner, however long it takes', async () => {
    const t = await started('a: {script: [a]}')
    await t.take()
    t.clock.advance(48 * HOUR)
    expect(jobOf(t)?.status).toBe('running')
  })

  /** As if another machine had it: the job runs, and no runner of this process knows it. */
  async function remote(yaml: string): Promise<TestEngine & { id: number }> {
    const t = await started(yaml)
    const job = jobOf(t)
    t.store.jobs.setStatus({ id: job?.id ?? 0, from: 'pending', to: 'running', now: t.clock.now() })
    t.store.jobs.setTimeout(job?.id ?? 0, job?.options.timeout ?? 3600)
    t.store.pipelines.setTouched(t.id, true)
    return t
  }

  test('elsewhere, without a sign of life for an hour, has failed', async () => {
    const t = await remote('a: {script: [a], timeout: 10 hours}')
    pass(t, 40 * MINUTE)
    t.store.jobs.touch(jobOf(t)?.id ?? 0, t.clock.now())
    pass(t, HOUR)
    expect(jobOf(t)?.status).toBe('running')
    pass(t, 2 * MINUTE)
    expect(jobOf(t)).toMatchObject({ status: 'failed', failureReason: 'stuck_or_timeout_failure' })
  })

  test('elsewhere, beyond its time limit and a quarter of an hour, has failed', async () => {
    const t = await remote('a: {script: [a], timeout: 20 minutes}')
    pass(t, 35 * MINUTE)
    expect(jobOf(t)?.status).toBe('running')
    pass(t, 2 * MINUTE)
    expect(jobOf(t)).toMatchObject({ status: 'failed', failureReason: 'job_execution_timeout' })
  })

  test('and does not end when it is canceled is canceled after half an hour', async () => {
    const t = await remote('a: {script: [a]}')
    t.engine.cancel(t.id)
    expect(jobOf(t)?.status).toBe('canceling')
    pass(t, 30 * MINUTE)
    expect(jobOf(t)?.status).toBe('canceling')
    pass(t, 2 * MINUTE)
    expect(jobOf(t)).toMatchObject({ status: 'canceled', failureReason: null })
  })

  test('has its time limit from the moment it starts', async () => {
    const t = await started('a: {script: [a], timeout: 20 minutes}\nb: {script: [b]}')
    expect(jobOf(t)?.timeout).toBeNull()
    expect((await t.take())?.runner_info.timeout).toBe(1200)
    expect((await t.take())?.runner_info.timeout).toBe(3600)
    expect([jobOf(t)?.timeout, jobOf(t, 'b')?.timeout]).toEqual([1200, 3600])
  })

  test('never takes less than no time, though the clock is set back', async () => {
    const t = await started('a: {script: [a]}')
    const payload = await t.take()
    const at = t.clock.now()
    t.clock.set(-HOUR)
    await t.engine.coordinator.updateJob(payload?.token ?? '', failed())
    expect(jobOf(t)).toMatchObject({ startedAt: at, finishedAt: at })
  })
})

describe('how evenly the clock runs', () => {
  test('is what passes on both clocks', () => {
    const clock = frozenClock()
    const steadiness = makeSteadiness(clock)
    clock.advance(HOUR)
    expect([steadiness.look(), steadiness.steadyMs()]).toEqual([0, HOUR])
    clock.set(1999)
    expect(steadiness.look()).toBe(0)
    clock.set(-HOUR)
    clock.advance(MINUTE)
    expect([steadiness.look(), steadiness.steadyMs()]).toEqual([-HOUR, 0])
    clock.advance(MINUTE)
    expect([steadiness.look(), steadiness.steadyMs()]).toEqual([0, MINUTE])
  })
})

test("the defaults are GitLab's", () => {
  expect(DEFAULT_LIMITS).toMatchObject({
    pendingSeconds: 86_400,
    pendingWithoutRunnerSeconds: 3600,
    silentSeconds: 3600,
    cancelingSeconds: 1800,
    lateScheduleSeconds: 3600,
    redundantPipelineDays: 7,
  })
})

test('variables typed in are there for a job that is played after a restart', async () => {
  const stateDir = temporaryFolder()
  const before = await started('a: {script: [a], when: manual}', { stateDir })
  before.engine.verbs.play(jobOf(before)?.id ?? 0, {
    userId: 1,
    variables: [variable('V', 'secret', 'manual')],
  })
  const after = testEngine('', { stateDir })
  after.engine.recover('serve')
  expect((await after.take())?.variables.find(({ key }) => key === 'V')?.value).toBe('secret')
})
