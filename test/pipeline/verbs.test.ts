import { existsSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { variable } from '../../src/model/variable.ts'
import { failed, testEngine, type TestEngine } from '../support/engine.ts'

const BY_ROOT = { userId: 1 } as const

function idOf({ store }: TestEngine, pipelineId: number, name: string): number {
  const head = store.jobs.headsOf(pipelineId).find((job) => job.name === name)
  if (!head) throw new Error(`no job ${name}`)
  return head.id
}

async function started(yaml: string): Promise<TestEngine & { id: number; job(name: string): number }> {
  const engine = testEngine(yaml)
  const id = await engine.create()
  return { ...engine, id, job: (name) => idOf(engine, id, name) }
}

describe('play', () => {
  test('starts a manual job, and what was skipped after it is looked at again', async () => {
    const t = await started(`
a: {script: [a], when: manual, allow_failure: true}
b: {stage: test, script: [b], needs: [a]}
c: {stage: deploy, script: [c]}
`)
    expect(t.statuses(t.id)).toEqual({ a: 'manual', b: 'skipped', c: 'pending' })
    const a = t.job('a')
    expect(t.engine.verbs.play(a, BY_ROOT)).toEqual({ ok: true, value: a })
    expect(t.statuses(t.id)).toEqual({ a: 'pending', b: 'created', c: 'pending' })
    expect(t.store.jobs.find(a)).toMatchObject({ userId: 1, attempt: 1 })
    expect(t.store.jobs.find(t.job('b'))).toMatchObject({ userId: 1 })
  })

  test('gives the job variables that rank above all others', async () => {
    const t = testEngine('a: {script: [a], when: manual, variables: {LEVEL: job, OTHER: $LEVEL}}')
    const id = await t.create({ variables: [variable('LEVEL', 'trigger', 'trigger')] })
    t.engine.verbs.play(idOf(t, id, 'a'), { ...BY_ROOT, variables: [variable('LEVEL', 'typed', 'manual')] })
    const payload = await t.take()
    const valueOf = (key: string) => payload?.variables.findLast((each) => each.key === key)?.value
    expect(valueOf('LEVEL')).toBe('typed')
    expect(valueOf('OTHER')).toBe('typed')
    expect(valueOf('CI_JOB_MANUAL')).toBe('true')
  })

  test('starts a delayed job before its time', async () => {
    const t = await started('a: {script: [a], when: delayed, start_in: 30 minutes}')
    expect(t.statuses(t.id)).toEqual({ a: 'scheduled' })
    expect(t.engine.verbs.play(t.job('a'), BY_ROOT).ok).toBe(true)
    expect(t.store.jobs.find(t.job('a'))).toMatchObject({ status: 'pending', scheduledAt: null })
  })

  test('of a finished manual job makes a new attempt that is not held', async () => {
    const t = await started('a: {script: [a], when: manual, variables: {V: file}}')
    const first = t.job('a')
    t.engine.verbs.play(first, { ...BY_ROOT, variables: [variable('V', 'typed', 'manual')] })
    await t.finish('a', failed())
    const played = t.engine.verbs.play(first, BY_ROOT)
    expect(played).toEqual({ ok: true, value: t.job('a') })
    expect(t.job('a')).not.toBe(first)
    // GitLab: the new attempt has the variables of the one before.
    const payload = await t.finish('a')
    expect(payload.variables.findLast(({ key }) => key === 'V')?.value).toBe('typed')
    expect(t.store.pipelines.find(t.id)?.status).toBe('success')
  })

  test.each([
    ['that starts by itself', 'a: {script: [a]}', 'not_playable'],
    [
      'that was skipped',
      'b: {stage: build, script: [b]}\na: {script: [a], when: manual, needs: [b]}',
      'not_playable',
    ],
  ])('is not for a job %s', async (_, yaml, reason) => {
    const t = await started(yaml)
    if (yaml.startsWith('b')) await t.finish('b', failed())
    expect(t.engine.verbs.play(t.job('a'), BY_ROOT)).toMatchObject({ ok: false, error: { reason } })
  })

  test('of no job is refused', async () => {
    const t = await started('a: {script: [a]}')
    for (const verb of ['play', 'retry'] as const)
      expect(t.engine.verbs[verb](4711, BY_ROOT)).toMatchObject({ ok: false, error: { reason: 'not_found' } })
  })
})

describe('the timer of a delayed job', () => {
  test('is taken away: the job is manual', async () => {
    const t = await started('a: {script: [a], when: delayed, start_in: 1 hour}')
    expect(t.engine.verbs.unschedule(t.job('a')).ok).toBe(true)
    expect(t.store.jobs.find(t.job('a'))).toMatchObject({ status: 'manual', scheduledAt: null })
    t.clock.advance(2 * 3_600_000)
    expect(t.statuses(t.id)).toEqual({ a: 'manual' })
  })

  test('is not there for others', async () => {
    const t = await started('a: {script: [a]}')
    expect(t.engine.verbs.unschedule(t.job('a'))).toMatchObject({
      ok: false,
      error: { reason: 'not_unschedulable' },
    })
  })
})

describe('retry of a job', () => {
  test.each(['success', 'failed', 'canceled'] as const)('that is %s adds an attempt', async (status) => {
    const t = await started('a: {script: [a]}\nb: {stage: deploy, script: [b], when: always}')
    const first = t.job('a')
    if (status === 'canceled') t.engine.verbs.cancel(first, { force: false })
    else await t.finish('a', status === 'failed' ? failed() : { state: 'success' })
    expect(t.store.jobs.statusOf(first)).toBe(status)
    const retried = t.engine.verbs.retry(first, BY_ROOT)
    expect(retried).toEqual({ ok: true, value: t.job('a') })
    expect(t.store.jobs.find(first)).toMatchObject({ retried: true, status })
    expect(t.store.jobs.find(t.job('a'))).toMatchObject({
      attempt: 2,
      status: 'pending',
      userId: 1,
      stage: 'test',
      name: 'a',
    })
  })

  test('revives what was skipped after it, of a pipeline that had ended too', async () => {
    const t = await started('a: {script: [a]}\nb: {stage: deploy, script: [b]}\nc: {script: [c], needs: [a]}')
    await t.finish('a', failed())
    expect(t.statuses(t.id)).toEqual({ a: 'failed', b: 'skipped', c: 'skipped' })
    expect(t.store.pipelines.find(t.id)).toMatchObject({ status: 'failed', finishedAt: t.clock.now() })
    t.engine.verbs.retry(t.job('a'), BY_ROOT)
    expect(t.statuses(t.id)).toEqual({ a: 'pending', b: 'created', c: 'created' })
    expect(t.store.pipelines.find(t.id)).toMatchObject({ status: 'pending', finishedAt: null })
    await t.finish('a')
    await t.finish('c')
    await t.finish('b')
    expect(t.store.pipelines.find(t.id)?.status).toBe('success')
  })

  test('that is canceling lets the old attempt end as it may', async () => {
    const t = await started('a: {script: [a]}')
    const first = t.job('a')
    const payload = await t.take()
    t.engine.verbs.cancel(first, { force: false })
    expect(t.engine.verbs.retry(first, BY_ROOT).ok).toBe(true)
    expect(t.statuses(t.id)).toEqual({ a: 'pending' })
    await t.engine.coordinator.updateJob(payload?.token ?? '', failed())
    expect(t.store.jobs.statusOf(first)).toBe('canceled')
    await t.finish('a')
    expect(t.store.pipelines.find(t.id)?.status).toBe('success')
  })

  test('that was retried already, or has not ended, is refused', async () => {
    const t = await started('a: {script: [a]}')
    const first = t.job('a')
    const refusal = { ok: false, error: { reason: 'not_retryable' } }
    expect(t.engine.verbs.retry(first, BY_ROOT)).toMatchObject(refusal)
    await t.finish('a')
    t.engine.verbs.retry(first, BY_ROOT)
    expect(t.engine.verbs.retry(first, BY_ROOT)).toMatchObject(refusal)
    expect(t.engine.verbs.play(first, BY_ROOT)).toMatchObject({
      ok: false,
      error: { reason: 'not_playable' },
    })
  })

  test('a retried job waits for what comes before it', async () => {
    const t = await started('a: {script: [a]}\nm: {stage: deploy, script: [m], when: manual}')
    await t.finish('a')
    t.engine.verbs.play(t.job('m'), BY_ROOT)
    await t.finish('m', failed())
    t.engine.verbs.retry(t.job('a'), BY_ROOT)
    t.engine.verbs.retry(t.job('m'), BY_ROOT)
    expect(t.statuses(t.id)).toEqual({ a: 'pending', m: 'created' })
    await t.finish('a')
    expect(t.statuses(t.id)).toEqual({ a: 'success', m: 'pending' })
  })
})

describe('retry of a pipeline', () => {
  test('repeats what failed or was canceled, looks at what was skipped, and holds manual jobs again', async () => {
    const t = await started(`
good: {script: [a]}
bad: {script: [b]}
later: {stage: deploy, script: [c]}
hand: {script: [d], when: manual}
`)
    t.engine.verbs.play(t.job('hand'), BY_ROOT)
    const good = t.job('good')
    await t.finish('good')
    await t.finish('bad', failed())
    await t.finish('hand', failed())
    expect(t.statuses(t.id)).toEqual({ good: 'success', bad: 'failed', later: 'skipped', hand: 'failed' })
    expect(t.engine.verbs.retryPipeline(t.id, BY_ROOT)).toEqual({ ok: true, value: t.id })
    expect(t.statuses(t.id)).toEqual({ good: 'success', bad: 'pending', later: 'created', hand: 'manual' })
    expect(t.job('good')).toBe(good)
    await t.finish('bad')
    await t.finish('later')
    expect(t.store.pipelines.find(t.id)?.status).toBe('success')
  })

  test('of one where nothing failed changes nothing', async () => {
    const t = await started('a: {script: [a]}')
    await t.finish('a')
    expect(t.engine.verbs.retryPipeline(t.id, BY_ROOT)).toEqual({ ok: true, value: t.id })
    expect(t.store.jobs.ofPipeline(t.id)).toHaveLength(1)
    expect(t.engine.verbs.retryPipeline(99, BY_ROOT)).toMatchObject({
      ok: false,
      error: { reason: 'not_found' },
    })
  })
})

describe('cancel of a job', () => {
  test.each([
    ['pending', 'a: {script: [a]}'],
    ['manual', 'a: {script: [a], when: manual}'],
    ['scheduled', 'a: {script: [a], when: delayed, start_in: 1 hour}'],
    ['created', 'b: {stage: build, script: [b]}\na: {script: [a]}'],
  ])('that is %s ends it at once', async (status, yaml) => {
    const t = await started(yaml)
    expect(t.statuses(t.id)['a']).toBe(status)
    expect(t.engine.verbs.cancel(t.job('a'), { force: false })).toEqual({ ok: true, value: t.job('a') })
    expect(t.statuses(t.id)['a']).toBe('canceled')
  })

  test('that runs waits for its runner; by force it does not', async () => {
    const t = await started('a: {script: [a]}')
    const payload = await t.take()
    if (!payload) throw new Error('no job')
    t.engine.verbs.cancel(t.job('a'), { force: false })
    expect(t.statuses(t.id)).toEqual({ a: 'canceling' })
    expect(t.engine.coordinator.cancellation(payload.token).aborted).toBe(true)
    expect(t.engine.verbs.cancel(t.job('a'), { force: false })).toMatchObject({
      error: { reason: 'not_cancelable' },
    })
    expect(t.engine.verbs.cancel(t.job('a'), { force: true }).ok).toBe(true)
    expect(t.statuses(t.id)).toEqual({ a: 'canceled' })
    expect(await t.engine.coordinator.updateJob(payload.token, { state: 'success' })).toBe('canceled')
    expect(t.statuses(t.id)).toEqual({ a: 'canceled' })
  })

  test('that has ended is refused', async () => {
    const t = await started('a: {script: [a]}')
    await t.finish('a')
    expect(t.engine.verbs.cancel(t.job('a'), { force: true })).toMatchObject({
      error: { reason: 'not_cancelable' },
    })
  })
})

describe('what a job left', () => {
  async function withTrace(): Promise<
    TestEngine & { id: number; a: number; trace: string; archive: string }
  > {
    const t = testEngine('a: {script: [a], artifacts: {paths: [x], expire_in: 1 day}}')
    const id = await t.create()
    const payload = await t.take()
    if (!payload) throw new Error('no job')
    const trace = await t.engine.coordinator.openTrace(payload.token)
    await trace.write(Buffer.from('hello\n'))
    await trace.close()
    const staged = await t.engine.coordinator.stageArtifacts(payload.token)
    await t.engine.coordinator.putArtifacts(payload.token, {
      staged,
      name: null,
      size: 1,
      files: 1,
      expireIn: '1 day',
    })
    await t.engine.coordinator.updateJob(payload.token, { state: 'success' })
    const [archive] = t.store.artifacts.ofJob(payload.id)
    return {
      ...t,
      id,
      a: payload.id,
      trace: trace.path,
      archive: `${t.store.stateDir}/${archive?.path ?? ''}`,
    }
  }

  test('is erased with its files, once', async () => {
    const t = await withTrace()
    expect([existsSync(t.trace), existsSync(t.archive)]).toEqual([true, true])
    expect(t.engine.verbs.erase(t.a, BY_ROOT)).toEqual({ ok: true, value: t.a })
    expect([existsSync(t.trace), existsSync(t.archive)]).toEqual([false, false])
    expect(t.store.jobs.find(t.a)).toMatchObject({ erasedAt: t.clock.now(), traceSize: 0 })
    expect(t.store.artifacts.ofJob(t.a)).toEqual([])
    expect(t.engine.verbs.erase(t.a, BY_ROOT)).toMatchObject({ error: { reason: 'not_erasable' } })
  })

  test('of a job that runs is not erased', async () => {
    const t = await started('a: {script: [a]}')
    await t.take()
    expect(t.engine.verbs.erase(t.job('a'), BY_ROOT)).toMatchObject({ error: { reason: 'not_erasable' } })
  })

  test('is kept for ever on request', async () => {
    const t = await withTrace()
    expect(t.store.artifacts.ofJob(t.a)).toMatchObject([{ expiresAt: t.clock.now() + 86_400_000 }])
    expect(t.engine.verbs.keepArtifacts(t.a).ok).toBe(true)
    expect(t.store.artifacts.ofJob(t.a)).toMatchObject([{ expiresAt: null }])
    t.engine.verbs.deleteArtifacts(t.a)
    expect([existsSync(t.trace), existsSync(t.archive)]).toEqual([true, false])
    expect(t.engine.verbs.keepArtifacts(t.a)).toMatchObject({ error: { reason: 'no_artifacts' } })
  })

  test('goes with its pipeline', async () => {
    const t = await withTrace()
    expect(t.engine.verbs.deletePipeline(t.id)).toEqual({ ok: true, value: t.id })
    expect([existsSync(t.trace), existsSync(t.archive)]).toEqual([false, false])
    expect(t.store.pipelines.find(t.id)).toBeUndefined()
    expect(t.store.jobs.find(t.a)).toBeUndefined()
    expect(t.engine.verbs.deletePipeline(t.id)).toMatchObject({ error: { reason: 'not_found' } })
  })
})

test('a pipeline is deleted although its commit cannot be let go, which is said', async () => {
  const t = testEngine('a: {script: [a]}', { unpin: () => Promise.reject(new Error('no such folder')) })
  const id = await t.create()
  expect(t.engine.verbs.deletePipeline(id)).toEqual({ ok: true, value: id })
  await vi.waitFor(() =>
    expect(t.notices).toEqual([`the commit of pipeline ${id} stays pinned: Error: no such folder`]),
  )
})

test('a pipeline that is deleted under its running job ends the job, and its runner is told', async () => {
  const t = await started('a: {script: [a]}')
  const payload = await t.take()
  if (!payload) throw new Error('no job')
  const signal = t.engine.coordinator.cancellation(payload.token)
  expect(t.engine.verbs.deletePipeline(t.id).ok).toBe(true)
  expect(signal.aborted).toBe(true)
  expect(await t.engine.coordinator.updateJob(payload.token, failed())).toBe('canceled')
})

describe('the inputs of a job', () => {
  const yaml = `
a:
  when: manual
  inputs:
    target: {default: staging, options: [staging, production]}
    count: {type: number, default: 1}
    list: {type: array, default: [x, y]}
    tag: {default: v1, regex: ^v\\d+$}
  script:
    - deploy \${{ job.inputs.target }} \${{job.inputs.count}} '\${{ job.inputs.list }}' \${{ job.inputs.tag }}
    - echo \${{ job.inputs.nobody }}
`
  const scriptOf = (payload: Awaited<ReturnType<TestEngine['take']>>) => payload?.steps[0]?.script

  test('have their defaults, and other values when they are given', async () => {
    const t = await started(yaml)
    t.engine.verbs.play(t.job('a'), BY_ROOT)
    expect(scriptOf(await t.finish('a', failed()))).toEqual([
      `deploy staging 1 '["x","y"]' v1`,
      'echo ${{ job.inputs.nobody }}',
    ])
    t.engine.verbs.retry(t.job('a'), { ...BY_ROOT, inputs: { target: 'production', count: '3' } })
    expect(scriptOf(await t.finish('a', failed()))?.[0]).toBe(`deploy production 3 '["x","y"]' v1`)
    // The next attempt has the values of the one before.
    t.engine.verbs.retry(t.job('a'), { ...BY_ROOT, inputs: { list: ['z'] } })
    expect(scriptOf(await t.take())?.[0]).toBe(`deploy production 3 '["z"]' v1`)
  })

  test.each([
    [{ nope: 1 }, 'Unknown input: nope'],
    [{ nope: 1, neither: 2 }, 'Unknown inputs: nope, neither'],
    [{ count: 'many' }, '`count` input: provided value is not a number'],
    [{ list: 'x' }, '`list` input: provided value is not an array'],
    [
      { target: 'moon' },
      '`target` input: `moon` cannot be used because it is not in the list of allowed options',
    ],
    [{ tag: 'x1' }, '`tag` input: provided value does not match required RegEx pattern'],
  ])('%j are refused', async (inputs, message) => {
    const t = await started(yaml)
    expect(t.engine.verbs.play(t.job('a'), { ...BY_ROOT, inputs })).toEqual({
      ok: false,
      error: { reason: 'invalid_inputs', message },
    })
    expect(t.statuses(t.id)).toEqual({ a: 'manual' })
  })
})
