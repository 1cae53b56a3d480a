import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { ZERO_SHA } from '../../src/model/pipeline.ts'
import { variable } from '../../src/model/variable.ts'
import { processIdentity } from '../../src/platform/process-identity.ts'
import { command, failed, SHA, testEngine } from '../support/engine.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const threeStages = `
stages: [test, build, package]
run_tests: {script: [make test]}
build_package: {stage: build, script: [make build]}
upload_package: {stage: package, script: [make upload]}
`.replace('run_tests: {', 'run_tests: {stage: test, ')

describe('a pipeline', () => {
  test('is committed as created, and then goes through its stages', async () => {
    const { engine, store, create, statuses, finish } = testEngine(threeStages)
    const result = await engine.create(command)
    if (result.kind !== 'created') throw new Error(result.kind)
    expect(store.pipelines.find(result.pipelineId)).toMatchObject({
      status: 'created',
      iid: 1,
      ref: 'main',
      sha: SHA,
      beforeSha: ZERO_SHA,
    })
    expect(statuses(result.pipelineId)).toEqual({
      run_tests: 'created',
      build_package: 'created',
      upload_package: 'created',
    })

    await new Promise((resolve) => setImmediate(resolve))
    expect(store.pipelines.find(result.pipelineId)?.status).toBe('pending')
    await finish('run_tests')
    expect(statuses(result.pipelineId)).toEqual({
      run_tests: 'success',
      build_package: 'pending',
      upload_package: 'created',
    })
    await finish('build_package')
    await finish('upload_package')
    expect(await engine.settled(result.pipelineId)).toMatchObject({ status: 'success' })
    expect(await create()).toBe(result.pipelineId + 1)
  })

  test('fails with its first failed job, and skips what comes after', async () => {
    const { engine, store, create, statuses, finish } = testEngine(threeStages)
    const id = await create()
    await finish('run_tests', failed(42))
    expect(statuses(id)).toEqual({ run_tests: 'failed', build_package: 'skipped', upload_package: 'skipped' })
    expect(await engine.settled(id)).toMatchObject({ status: 'failed' })
    expect(store.jobs.ofPipeline(id)[0]).toMatchObject({ failureReason: 'script_failure', exitCode: 42 })
  })

  test('waits for a person when only manual jobs are left', async () => {
    const { engine, create, finish } = testEngine(
      'a: {script: [a]}\nb: {script: [b], when: manual, allow_failure: false}\n',
    )
    const id = await create()
    await finish('a')
    expect(await engine.settled(id)).toMatchObject({ status: 'manual', finishedAt: null })
  })

  test('starts a delayed job when its time has come, not before', async () => {
    const { engine, clock, create, statuses, finish } = testEngine(
      'a: {script: [a], when: delayed, start_in: 30 minutes}\n',
    )
    const id = await create()
    expect(statuses(id)).toEqual({ a: 'scheduled' })
    for (let minute = 0; minute < 29; minute++) clock.advance(60_000)
    expect(statuses(id)).toEqual({ a: 'scheduled' })
    clock.advance(60_000)
    expect(statuses(id)).toEqual({ a: 'pending' })
    await finish('a')
    expect(await engine.settled(id)).toMatchObject({ status: 'success' })
  })

  test('takes an exit code that is allowed as a warning', async () => {
    const { engine, store, create, finish } = testEngine(
      'a: {script: [a], allow_failure: {exit_codes: [137]}}\n',
    )
    const allowed = await create()
    await finish('a', failed(137))
    expect(await engine.settled(allowed)).toMatchObject({ status: 'success' })
    expect(store.jobs.ofPipeline(allowed)[0]?.allowFailure).toBe(true)
    const other = await create()
    await finish('a', failed(1))
    expect(await engine.settled(other)).toMatchObject({ status: 'failed' })
  })
})

describe('retry', () => {
  test('makes a new attempt, until there have been enough', async () => {
    const { engine, store, create, finish } = testEngine('a: {script: [a], retry: 2}\n')
    const id = await create()
    await finish('a', failed())
    await finish('a', failed())
    await finish('a', failed())
    expect(await engine.settled(id)).toMatchObject({ status: 'failed' })
    expect(
      store.jobs.ofPipeline(id).map(({ attempt, retried, status }) => [attempt, retried, status]),
    ).toEqual([
      [1, true, 'failed'],
      [2, true, 'failed'],
      [3, false, 'failed'],
    ])
  })

  test('looks at the reason and at the exit code', async () => {
    const { engine, create, statuses, finish } = testEngine(
      'a: {script: [a], retry: {max: 1, when: runner_system_failure, exit_codes: [7]}}\n',
    )
    const byReason = await create()
    await finish('a', { state: 'failed', reason: 'runner_system_failure', exitCode: null })
    expect(statuses(byReason)).toEqual({ a: 'pending' })
    await finish('a')
    const byCode = await create()
    await finish('a', failed(7))
    expect(statuses(byCode)).toEqual({ a: 'pending' })
    await finish('a')
    const neither = await create()
    await finish('a', failed(1))
    expect(await engine.settled(neither)).toMatchObject({ status: 'failed' })
  })

  test('lets later jobs wait for the attempt that counts', async () => {
    const { create, statuses, finish } = testEngine(
      'a: {stage: build, script: [a], retry: 1}\nb: {script: [b]}\n',
    )
    const id = await create()
    await finish('a', failed())
    expect(statuses(id)).toEqual({ a: 'pending', b: 'created' })
    await finish('a')
    expect(statuses(id)).toEqual({ a: 'success', b: 'pending' })
  })
})

describe('cancel', () => {
  test('ends what has not started, and asks the runner to end what runs', async () => {
    const { engine, create, statuses, take } = testEngine(
      'a: {script: [a]}\nb: {stage: deploy, script: [b]}\nm: {script: [m], when: manual}\n',
    )
    const id = await create()
    const payload = await take()
    if (!payload) throw new Error('no job')
    const signal = engine.coordinator.cancellation(payload.token)
    engine.cancel(id)
    expect(statuses(id)).toEqual({ a: 'canceling', b: 'canceled', m: 'manual' })
    expect(signal.aborted).toBe(true)
    expect(await engine.coordinator.updateJob(payload.token, { state: 'success' })).toBe('canceled')
    expect(statuses(id)).toEqual({ a: 'canceled', b: 'canceled', m: 'manual' })
    expect(await engine.settled(id)).toMatchObject({ status: 'canceled' })
  })
})

test('auto_cancel:on_job_failure: all ends the rest with the first failure that counts', async () => {
  const yaml = `
workflow: {auto_cancel: {on_job_failure: all}}
allowed: {script: [a], allow_failure: true}
counts: {script: [b], retry: 1}
running: {script: [c]}
later: {stage: deploy, script: [d]}
`
  const { engine, create, statuses, finish, take } = testEngine(yaml)
  const id = await create()
  await finish('allowed', failed())
  await finish('counts', failed())
  expect(statuses(id)).toEqual({ allowed: 'failed', counts: 'pending', running: 'pending', later: 'created' })
  const running = await take()
  if (running?.job_info.name !== 'running') throw new Error('wrong job')
  await finish('counts', failed())
  expect(statuses(id)).toEqual({
    allowed: 'failed',
    counts: 'failed',
    running: 'canceling',
    later: 'canceled',
  })
  expect(engine.coordinator.cancellation(running.token).aborted).toBe(true)
  await engine.coordinator.updateJob(running.token, failed())
  expect(await engine.settled(id)).toMatchObject({ status: 'failed' })
})

describe('what a job receives', () => {
  test('trigger variables win over all others, and name their origin in the provenance', async () => {
    const yaml = 'variables: {LEVEL: global, ONLY: file}\na: {variables: {LEVEL: job}, script: [a]}\n'
    const { engine, create, take } = testEngine(yaml)
    const id = await create({ variables: [variable('LEVEL', 'trigger', 'trigger')] })
    const payload = await take()
    const valueOf = (key: string) => payload?.variables.findLast((each) => each.key === key)?.value
    expect(valueOf('LEVEL')).toBe('trigger')
    expect(valueOf('ONLY')).toBe('file')
    expect(valueOf('CI_PIPELINE_SOURCE')).toBe('trigger')
    expect(valueOf('CI_PIPELINE_TRIGGERED')).toBe('true')
    expect(valueOf('CI_COMMIT_BRANCH')).toBe('main')
    expect(valueOf('CI_API_V4_URL')).toBe('http://127.0.0.1:8929/api/v4')
    expect(valueOf('GITLAB_USER_LOGIN')).toBe('root')
    expect(payload?.variables.find((each) => each.key === 'CI_JOB_TOKEN')).toMatchObject({
      value: payload?.token,
      masked: true,
    })
    expect(engine.provenance(id, () => true)).toMatchObject({
      source: 'trigger',
      ref: 'main',
      sha: SHA,
      variables: [{ key: 'LEVEL', value: 'trigger', origin: 'trigger' }],
      config_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
  })

  test('artifacts of earlier stages, of needs with artifacts, and of `dependencies` only', async () => {
    const yaml = `
stages: [one, two]
a: {stage: one, script: [a], artifacts: {paths: [x]}}
b: {stage: one, script: [b], artifacts: {paths: [x]}}
all: {stage: two, script: [c]}
some: {stage: two, script: [c], dependencies: [b]}
none: {stage: two, script: [c], dependencies: []}
needs: {stage: two, script: [c], needs: [a, {job: b, artifacts: false}]}
`
    const { engine, store, create, take } = testEngine(yaml)
    await create()
    for (const name of ['a', 'b']) {
      const payload = await take()
      if (payload?.job_info.name !== name) throw new Error('wrong job')
      const staged = await engine.coordinator.stageArtifacts(payload.token)
      await engine.coordinator.putArtifacts(payload.token, {
        staged,
        name: null,
        size: 1,
        files: 1,
        expireIn: null,
      })
      await engine.coordinator.updateJob(payload.token, { state: 'success' })
    }
    const received: Record<string, string[]> = {}
    for (let payload = await take(); payload; payload = await take()) {
      received[payload.job_info.name] = payload.dependencies.map(({ name }) => name)
    }
    expect(received).toEqual({ all: ['a', 'b'], some: ['b'], none: [], needs: ['a'] })
    expect(store.jobs.nextPending(1)).toBeUndefined()
  })

  test('of a job that was not selected, the artifacts of its newest success', async () => {
    const yaml = `
stages: [one, two]
a: {stage: one, script: [a], artifacts: {paths: [x]}}
b: {stage: two, script: [b]}
c: {stage: two, script: [c], needs: [a]}
d: {stage: two, script: [d], dependencies: []}
`
    const { engine, create, take } = testEngine(yaml)
    for (const outcome of [{ state: 'success' }, failed()] as const) {
      await create({ selection: ['a'] })
      const payload = await take()
      if (!payload) throw new Error('no job')
      const staged = await engine.coordinator.stageArtifacts(payload.token)
      await engine.coordinator.putArtifacts(payload.token, {
        staged,
        name: null,
        size: 1,
        files: 1,
        expireIn: null,
      })
      await engine.coordinator.updateJob(payload.token, outcome)
    }
    await create({ selection: ['b', 'c', 'd'] })
    const received: Record<string, unknown> = {}
    for (let payload = await take(); payload; payload = await take()) {
      received[payload.job_info.name] = payload.dependencies.map(({ id, name }) => [id, name])
    }
    expect(received).toEqual({ b: [[1, 'a']], c: [[1, 'a']], d: [] })
  })
})

describe('refusals', () => {
  test.each([
    [
      { checkout: { kind: 'ref', ref: 'mian' } },
      'reference_not_found',
      'Reference not found',
      'no branch or tag "mian"; "main" is close',
    ],
    [{ checkout: { kind: 'ref', ref: 'both' } }, 'reference_ambiguous', 'Ref is ambiguous', null],
    [
      { variables: [variable('A-B', '1', 'trigger')] },
      'invalid_variables',
      "Failed to build pipeline variables: Validation failed: Key can contain only letters, digits and '_'.",
      null,
    ],
    [
      { variables: [variable('A', '1', 'trigger'), variable('A', '2', 'trigger')] },
      'duplicate_variable',
      'Duplicate variable name: A',
      null,
    ],
    [
      { inputs: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`i${i}`, 'x'])) },
      'too_many_inputs',
      'There cannot be more than 20 inputs',
      null,
    ],
    [{ configPath: 'nowhere.yml' }, 'missing_config', 'Missing CI config file', null],
    [{ userId: 77 }, 'insufficient_permissions', 'Insufficient permissions to create a new pipeline', null],
  ] as const)('%j: %s', async (more, reason, message, detail) => {
    const { engine, store } = testEngine(threeStages)
    const result = await engine.create({ ...command, ...more })
    expect(result).toMatchObject({
      kind: 'refused',
      refusal: { reason, message, ...(detail === null ? {} : { detail }) },
    })
    expect(store.pipelines.find(1)).toBeUndefined()
  })

  test('of a configuration without jobs for this event leave nothing behind', async () => {
    const { engine, store } = testEngine('a: {script: [a], only: [tags]}\n')
    expect(await engine.create(command)).toMatchObject({
      kind: 'refused',
      refusal: {
        message:
          'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
      },
    })
    expect(store.pipelines.find(1)).toBeUndefined()
  })

  test('of an invalid configuration keep a failed pipeline for a trigger, and none for others', async () => {
    const { engine, store } = testEngine('a: {script: [a], stage: nope}\n')
    const message =
      'a job: chosen stage nope does not exist; available stages are .pre, build, test, deploy, .post'
    expect(await engine.create(command)).toMatchObject({
      kind: 'invalid',
      pipelineId: 1,
      diagnostics: [{ message }],
    })
    expect(store.pipelines.find(1)).toMatchObject({ status: 'failed', configError: message })
    expect(await engine.create({ ...command, saveInvalid: false })).toMatchObject({
      kind: 'invalid',
      pipelineId: null,
    })
    expect(store.pipelines.find(2)).toBeUndefined()
  })
})

test('all needs that the rules left out are named, one on a line', async () => {
  const yaml = 'a: {script: [a], only: [tags]}\nb: {script: [b], needs: [a]}\nc: {script: [c], needs: [a]}\n'
  const { engine, store } = testEngine(yaml)
  expect(await engine.create(command)).toMatchObject({ kind: 'invalid', pipelineId: 1 })
  const missing = (job: string) =>
    `'${job}' job needs 'a' job, but 'a' does not exist in the pipeline. This might be because of the only, except, or rules keywords. To need a job that sometimes does not exist in the pipeline, use needs:optional.`
  expect(store.pipelines.find(1)?.configError).toBe(`${missing('b')}\n${missing('c')}`)
})

describe('after the daemon was killed', () => {
  test('its running job has failed, what was recorded as its process is ended, and the pipeline goes on', async () => {
    const stateDir = temporaryFolder()
    const daemon = spawn('sleep', ['600'], { stdio: 'ignore' })
    const survivor = spawn('sleep', ['600'], { stdio: 'ignore', detached: true })
    const identity = processIdentity(daemon.pid ?? 0)
    const job = processIdentity(survivor.pid ?? 0)
    if (!identity || !job) throw new Error('no process')
    const before = testEngine(
      'a: {script: [a], retry: {max: 1, when: [runner_system_failure]}}\nb: {stage: deploy, script: [b]}\n',
      {
        stateDir,
        processOf: identity,
      },
    )
    const id = await before.create()
    const payload = await before.take()
    if (!payload) throw new Error('no job')
    await before.engine.coordinator.updateJob(payload.token, { state: 'running', isolation: 'shell', ...job })
    daemon.kill('SIGKILL')
    await once(daemon, 'exit')

    const after = testEngine('', { stateDir })
    const killed = once(survivor, 'exit')
    after.engine.recover('serve')
    expect((await killed)[1]).toBe('SIGKILL')
    expect(after.store.jobs.ofPipeline(id)).toMatchObject([
      { name: 'a', status: 'failed', failureReason: 'runner_system_failure', retried: true },
      { name: 'b', status: 'created' },
      { name: 'a', status: 'pending', attempt: 2 },
    ])
    await after.finish('a')
    await after.finish('b')
    expect(await after.engine.settled(id)).toMatchObject({ status: 'success' })
  })
})
