import { describe, expect, it } from 'vitest'
import type { TriggerRequest } from '../../src/model/provenance.ts'
import { variable } from '../../src/model/variable.ts'
import { command, testEngine } from '../support/engine.ts'

const YAML = 'unit:\n  script: x\ndeploy:\n  script: x\n  rules: [{ if: $CI_COMMIT_TAG }]\n'

const request = (more: Partial<TriggerRequest> = {}): TriggerRequest => ({
  projectRef: '9',
  projectId: 9,
  triggerId: null,
  form: 'query',
  remoteAddress: '127.0.0.1',
  userAgent: 'curl',
  ref: 'main',
  receivedAt: 0,
  variableKeys: [],
  ...more,
})

describe('a request for a pipeline', () => {
  it('is refused while too many have not ended; what comes from elsewhere goes on', async () => {
    const { engine } = testEngine(YAML, { limits: { waitingPipelines: 2 } })
    const ask = { ...command, request: request() }
    expect((await engine.create(ask)).kind).toBe('created')
    expect((await engine.create(ask)).kind).toBe('created')
    expect(await engine.create(ask)).toMatchObject({
      kind: 'refused',
      refusal: { reason: 'too_many_waiting' },
    })
    expect(await engine.create({ ...command, source: 'api', request: null })).toMatchObject({
      kind: 'refused',
    })
    expect((await engine.create({ ...command, source: 'push', request: null })).kind).toBe('created')
  })

  it('can be previewed: the plan with its rules, and not a row', async () => {
    const { engine, store } = testEngine(YAML)
    expect(await engine.preview({ ...command, request: request() })).toMatchObject({
      kind: 'plan',
      target: { ref: 'main', tag: false },
      plan: {
        jobs: [{ name: 'unit' }],
        excluded: [{ job: 'deploy', steps: [{ matched: false, clause: 'if: $CI_COMMIT_TAG' }] }],
      },
    })
    expect(store.pipelines.newest(9, 1)).toEqual([])
    expect((await engine.create(command)).kind).toBe('created')
    expect(store.pipelines.newest(9, 1)).toMatchObject([{ iid: 1 }])
  })

  it.each([
    ['v1', 'plan'],
    ['nowhere', 'refused'],
  ])('a preview of %s is %s', async (ref, kind) => {
    const { engine } = testEngine(YAML)
    expect((await engine.preview({ ...command, checkout: { kind: 'ref', ref } })).kind).toBe(kind)
  })

  it('is kept with what it asked for, which only the same state folder can read', async () => {
    const { engine, store } = testEngine(YAML)
    const call = {
      ref: 'main',
      variables: [{ key: 'A', value: 'hush' }],
      inputs: {},
      payload: '{}',
      jobId: null,
    }
    const variables = [variable('A', 'hush', 'trigger')]
    const made = await engine.create({
      ...command,
      variables,
      request: request({ call, variableKeys: ['A'] }),
    })
    const row = store.triggerRequests.ofPipeline(made.kind === 'created' ? made.pipelineId : 0)
    expect(row).toMatchObject({ status: 201, reason: null, replayable: true, variableKeys: ['A'] })
    expect(store.triggerRequests.callOf(row?.id ?? 0)).toEqual(call)
  })

  it("of an owner who was blocked, or has lost his role, is refused in GitLab's words", async () => {
    const { engine, store } = testEngine(YAML)
    const made = engine.users.create({ username: 'ada', name: 'Ada', email: '' })
    const userId = made.ok ? made.value.id : 0
    const ask = { ...command, userId, request: request() }
    const refused = {
      kind: 'refused',
      refusal: { message: 'Insufficient permissions to create a new pipeline' },
    }
    expect(await engine.create(ask)).toMatchObject(refused)
    engine.users.grant({ projectId: 9, userId, role: 'developer' })
    expect((await engine.create(ask)).kind).toBe('created')
    engine.users.setBlocked(userId, true)
    expect(await engine.create(ask)).toMatchObject(refused)
    engine.users.setBlocked(userId, false)
    engine.users.withdraw(9, userId)
    expect(await engine.create(ask)).toMatchObject(refused)
    expect(store.users.membersOf(9)).toEqual([])
  })
})
