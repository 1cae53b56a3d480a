import { describe, expect, test } from 'vitest'
import { ownIdentity } from '../../src/platform/process-identity.ts'
import { failed, testEngine, type TestEngine } from '../support/engine.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const BY_ROOT = { userId: 1 } as const
const yaml = 'a: {script: [a]}\nb: {stage: deploy, script: [b]}\nm: {script: [m], when: manual}\n'

function jobId({ store }: TestEngine, pipelineId: number, name: string): number {
  return store.jobs.headsOf(pipelineId).find((job) => job.name === name)?.id ?? 0
}

const ownerOf = (t: TestEngine, id: number) => t.store.pipelines.ownershipOf(id)?.owner

describe('a pipeline of a process that has ended', () => {
  test('is taken over by who retries its job, and runs there', async () => {
    const stateDir = temporaryFolder()
    const before = testEngine(yaml, { stateDir })
    const id = await before.create()
    await before.finish('a', failed())
    before.store.processes.end(before.processId, before.clock.now())
    const after = testEngine(yaml, { stateDir, processOf: ownIdentity() })
    expect(after.engine.verbs.retry(jobId(after, id, 'a'), BY_ROOT).ok).toBe(true)
    expect(ownerOf(after, id)).toBe(after.processId)
    await after.finish('a')
    await after.finish('b')
    expect(await after.engine.settled(id)).toMatchObject({ status: 'success' })
  })

  test('is taken over with a manual job that is played', async () => {
    const stateDir = temporaryFolder()
    const before = testEngine('m: {script: [m], when: manual, allow_failure: false}', { stateDir })
    const id = await before.create()
    before.store.processes.end(before.processId, before.clock.now())
    const after = testEngine('', { stateDir, processOf: ownIdentity() })
    after.engine.verbs.play(jobId(after, id, 'm'), BY_ROOT)
    await after.finish('m')
    expect(after.store.pipelines.find(id)?.status).toBe('success')
  })

  test('that died while a job ran: the job has failed first', async () => {
    const stateDir = temporaryFolder()
    const before = testEngine(yaml, { stateDir })
    const id = await before.create()
    await before.take()
    const after = testEngine(yaml, { stateDir, processOf: ownIdentity() })
    after.engine.cancel(id)
    expect(after.store.jobs.ofPipeline(id)).toMatchObject([
      { name: 'a', status: 'failed', failureReason: 'runner_system_failure' },
      { name: 'm', status: 'manual' },
      { name: 'b', status: 'skipped' },
    ])
  })
})

describe('a pipeline of another process that is at work', () => {
  async function two(source = yaml): Promise<{ owner: TestEngine; other: TestEngine; id: number }> {
    const stateDir = temporaryFolder()
    const owner = testEngine(source, { stateDir, processOf: ownIdentity() })
    owner.engine.recover('run')
    const id = await owner.create()
    const other = testEngine(source, { stateDir, processOf: ownIdentity() })
    return { owner, other, id }
  }

  test('stays its own, and its runner is asked within a second to end what another one cancels', async () => {
    const { owner, other, id } = await two()
    const payload = await owner.take()
    if (!payload) throw new Error('no job')
    other.engine.cancel(id)
    expect(ownerOf(other, id)).toBe(owner.processId)
    expect(other.statuses(id)).toEqual({ a: 'canceling', b: 'canceled', m: 'manual' })
    const signal = owner.engine.coordinator.cancellation(payload.token)
    expect(signal.aborted).toBe(false)
    owner.clock.advance(1000)
    expect(signal.aborted).toBe(true)
    await owner.engine.coordinator.updateJob(payload.token, failed())
    expect(await owner.engine.settled(id)).toMatchObject({ status: 'canceled' })
  })

  test('runs there what another one plays', async () => {
    const { owner, other, id } = await two()
    await owner.finish('a')
    other.engine.verbs.play(jobId(other, id, 'm'), BY_ROOT)
    const woken: string[] = []
    owner.engine.events.on((event) => {
      if (event.type === 'job' && event.to === 'pending') woken.push(event.type)
    })
    owner.clock.advance(1000)
    expect(woken.length).toBeGreaterThan(0)
    expect(await other.take()).toBeUndefined()
    const next = [await owner.take(), await owner.take()].map((payload) => payload?.job_info.name)
    expect(new Set(next)).toEqual(new Set(['b', 'm']))
  })

  test('is changed by both without one overwriting the other', async () => {
    const { owner, other, id } = await two()
    const payload = await owner.take()
    other.engine.verbs.cancel(jobId(other, id, 'b'), { force: false })
    // Before the owner has looked: what it applies is made from the rows as they are.
    await owner.engine.coordinator.updateJob(payload?.token ?? '', { state: 'success' })
    expect(owner.statuses(id)).toEqual({ a: 'success', b: 'canceled', m: 'manual' })
    expect(owner.store.pipelines.find(id)?.status).toBe('canceled')
  })

  test('tells who waits for it in the other process', async () => {
    const { owner, other, id } = await two('a: {script: [a]}')
    const waiting = other.engine.settled(id)
    await owner.finish('a')
    other.clock.advance(500)
    expect(await waiting).toMatchObject({ status: 'success' })
  })

  test('is not deleted by others before it has ended', async () => {
    const { owner, other, id } = await two('a: {script: [a]}')
    expect(other.engine.verbs.deletePipeline(id)).toMatchObject({ error: { reason: 'in_progress' } })
    await owner.finish('a')
    expect(other.engine.verbs.deletePipeline(id).ok).toBe(true)
  })
})
