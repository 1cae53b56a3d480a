import { describe, expect, test } from 'vitest'
import { ownIdentity } from '../../src/platform/process-identity.ts'
import type { ProcessMode } from '../../src/store/resource-groups.ts'
import { failed, testEngine, type TestEngine } from '../support/engine.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const deploy = 'deploy: {script: [d], resource_group: prod}\n'

async function several(t: TestEngine, count: number): Promise<number[]> {
  const ids: number[] = []
  for (let index = 0; index < count; index++) ids.push(await t.create())
  return ids
}

const statusOf = (t: TestEngine, id: number): string => t.statuses(id)['deploy'] ?? 'gone'

/** Ends whatever job is next, and says of which pipeline it was. */
async function endNext(t: TestEngine): Promise<number> {
  return (await t.finish('deploy')).job_info.pipeline_id
}

describe('jobs of one resource group', () => {
  test('run one at a time, and those that wait say so', async () => {
    const t = testEngine(`${deploy}other: {script: [o], resource_group: prod}\nfree: {script: [f]}\n`)
    const id = await t.create()
    expect(t.statuses(id)).toEqual({ deploy: 'pending', other: 'waiting_for_resource', free: 'pending' })
    await t.take()
    expect(t.statuses(id)).toEqual({ deploy: 'running', other: 'waiting_for_resource', free: 'pending' })
  })

  test.each(['success', 'failed', 'canceled', 'skipped'])(
    'is free again when its holder is %s',
    async (end) => {
      const t = testEngine(deploy)
      const [first = 0, second = 0] = await several(t, 2)
      const job = t.store.jobs.headsOf(first)[0]?.id ?? 0
      if (end === 'success') await t.finish('deploy')
      else if (end === 'failed') await t.finish('deploy', failed())
      else if (end === 'canceled') t.engine.verbs.cancel(job, { force: false })
      else t.engine.verbs.deletePipeline(first)
      expect(statusOf(t, second)).toBe('pending')
    },
  )

  test('a job that is canceling has it still', async () => {
    const t = testEngine(deploy)
    const [first = 0, second = 0] = await several(t, 2)
    const payload = await t.take()
    t.engine.cancel(first)
    expect([statusOf(t, first), statusOf(t, second)]).toEqual(['canceling', 'waiting_for_resource'])
    await t.engine.coordinator.updateJob(payload?.token ?? '', failed())
    expect([statusOf(t, first), statusOf(t, second)]).toEqual(['canceled', 'pending'])
  })

  test('variables in its name make it several groups', async () => {
    const t = testEngine(
      'deploy: {script: [d], resource_group: "$CI_COMMIT_REF_NAME/$ENV", variables: {ENV: prod}}',
    )
    const main = await t.create()
    const other = await t.create({ checkout: { kind: 'ref', ref: 'feature/x' } })
    const again = await t.create()
    expect([main, other, again].map((id) => statusOf(t, id))).toEqual([
      'pending',
      'pending',
      'waiting_for_resource',
    ])
    expect(t.store.resourceGroups.ofProject(9)).toMatchObject([
      { key: 'main/prod', processMode: 'unordered' },
      { key: 'feature/x/prod', processMode: 'unordered' },
    ])
  })

  test('a new attempt waits too, and a manual or delayed one from when it is started', async () => {
    const t = testEngine(
      'deploy: {script: [d], resource_group: prod, retry: 1}\nm: {script: [m], when: manual, resource_group: prod}',
    )
    const id = await t.create()
    const m = t.store.jobs.headsOf(id).find(({ name }) => name === 'm')?.id ?? 0
    t.engine.verbs.play(m, { userId: 1 })
    expect(t.statuses(id)).toEqual({ deploy: 'pending', m: 'waiting_for_resource' })
    await t.finish('deploy', failed())
    expect(t.statuses(id)).toEqual({ deploy: 'waiting_for_resource', m: 'pending' })
    await t.finish('m')
    await t.finish('deploy')
    expect(t.store.pipelines.find(id)?.status).toBe('success')
  })
})

describe('the process mode', () => {
  test.each<[ProcessMode, readonly number[]]>([
    ['unordered', [0, 1, 2, 3]],
    ['oldest_first', [0, 1, 2, 3]],
    ['newest_first', [0, 3, 2, 1]],
    ['newest_ready_first', [0, 3, 2, 1]],
  ])('%s says in which order ready jobs run', async (mode, order) => {
    const t = testEngine(deploy)
    const [first = 0] = await several(t, 1)
    expect(t.engine.resourceGroups.setMode(9, 'prod', mode)).toMatchObject({ key: 'prod', processMode: mode })
    const ids = [first, ...(await several(t, 3))]
    const ran: number[] = []
    for (let turn = 0; turn < 4; turn++) ran.push(ids.indexOf(await endNext(t)))
    expect(ran).toEqual(order)
  })

  /** The older pipeline's deploy is not ready, the newer one's is. */
  async function olderNotReady(mode: ProcessMode): Promise<string[]> {
    const t = testEngine(`build: {stage: build, script: [b]}\n${deploy}`)
    const older = await t.create()
    t.engine.resourceGroups.setMode(9, 'prod', mode)
    const newer = await t.create()
    const builds = [await t.take(), await t.take()]
    const second = builds.find((payload) => payload?.job_info.pipeline_id === newer)
    await t.engine.coordinator.updateJob(second?.token ?? '', { state: 'success' })
    const before = statusOf(t, newer)
    const first = builds.find((payload) => payload?.job_info.pipeline_id === older)
    await t.engine.coordinator.updateJob(first?.token ?? '', { state: 'success' })
    return [before, statusOf(t, older), statusOf(t, newer)]
  }

  test.each<[ProcessMode, string[]]>([
    ['unordered', ['pending', 'waiting_for_resource', 'pending']],
    ['oldest_first', ['waiting_for_resource', 'pending', 'waiting_for_resource']],
    ['newest_first', ['pending', 'waiting_for_resource', 'pending']],
    ['newest_ready_first', ['pending', 'waiting_for_resource', 'pending']],
  ])('%s, while the older pipeline is not that far', async (mode, expected) => {
    expect(await olderNotReady(mode)).toEqual(expected)
  })

  test('oldest_first: whoever will never come holds nobody up', async () => {
    const t = testEngine(`build: {stage: build, script: [b]}\n${deploy}`)
    const older = await t.create()
    t.engine.resourceGroups.setMode(9, 'prod', 'oldest_first')
    const newer = await t.create()
    const builds = [await t.take(), await t.take()]
    const end = (id: number, update: ReturnType<typeof failed>) =>
      t.engine.coordinator.updateJob(
        builds.find((payload) => payload?.job_info.pipeline_id === id)?.token ?? '',
        update,
      )
    await end(newer, { state: 'success' })
    expect(statusOf(t, newer)).toBe('waiting_for_resource')
    await end(older, failed())
    expect([statusOf(t, older), statusOf(t, newer)]).toEqual(['skipped', 'pending'])
  })

  test('that is changed lets start who may by it', async () => {
    const t = testEngine(`build: {stage: build, script: [b]}\n${deploy}`)
    await t.create()
    t.engine.resourceGroups.setMode(9, 'prod', 'oldest_first')
    const newer = await t.create()
    const builds = [await t.take(), await t.take()]
    const second = builds.find((payload) => payload?.job_info.pipeline_id === newer)
    await t.engine.coordinator.updateJob(second?.token ?? '', { state: 'success' })
    expect(statusOf(t, newer)).toBe('waiting_for_resource')
    t.engine.resourceGroups.setMode(9, 'prod', 'newest_ready_first')
    expect(statusOf(t, newer)).toBe('pending')
    expect(t.engine.resourceGroups.setMode(9, 'nope', 'unordered')).toBeUndefined()
  })
})

describe('processes that share a state folder', () => {
  test('wait for each other, and see within a second that the resource is free', async () => {
    const stateDir = temporaryFolder()
    const one = testEngine(deploy, { stateDir, processOf: ownIdentity() })
    const other = testEngine(deploy, { stateDir, processOf: ownIdentity() })
    other.engine.recover('run')
    const first = await one.create()
    const second = await other.create()
    expect([statusOf(one, first), statusOf(other, second)]).toEqual(['pending', 'waiting_for_resource'])
    await one.finish('deploy')
    expect(statusOf(other, second)).toBe('waiting_for_resource')
    other.clock.advance(1000)
    expect(statusOf(other, second)).toBe('pending')
    await other.finish('deploy')
  })

  test('do not wait for one that died', async () => {
    const stateDir = temporaryFolder()
    const dead = testEngine(deploy, { stateDir })
    const other = testEngine(deploy, { stateDir, processOf: ownIdentity() })
    const first = await dead.create()
    const second = await other.create()
    expect([statusOf(dead, first), statusOf(other, second)]).toEqual(['pending', 'pending'])
    // Whoever goes on with the pipelines of the dead one waits its turn.
    const after = testEngine(deploy, { stateDir, processOf: ownIdentity() })
    after.engine.recover('serve')
    expect([statusOf(after, first), statusOf(after, second)]).toEqual(['waiting_for_resource', 'pending'])
  })
})
