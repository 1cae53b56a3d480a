import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { variable } from '../../../src/model/variable.ts'
import { failed, SHA, testEngine } from '../../support/engine.ts'
import { endJob, leaveReport, takeJob, valueOf } from '../../support/artifacts.ts'

const DAY = 24 * 3600 * 1000
const REVIEW = `
deploy:
  environment: {name: review/$CI_COMMIT_REF_NAME, url: "https://$CI_ENVIRONMENT_SLUG.$DOMAIN/", on_stop: stop, auto_stop_in: 1 day}
  variables: {DOMAIN: example.test}
  script: [deploy]
stop:
  stage: deploy
  when: manual
  environment: {name: review/$CI_COMMIT_REF_NAME, action: stop}
  script: [undo]
`

describe('a deployment', () => {
  test('is recorded with the job, follows it, and renews its environment when it succeeds', async () => {
    const lab = testEngine(REVIEW)
    const { store, clock, create, finish } = lab
    await create()
    const made = store.environments.findByName(9, 'review/main')
    expect(made).toMatchObject({
      slug: 'review-main-yi2y9f',
      tier: 'development',
      state: 'available',
      externalUrl: null,
      autoStopAt: clock.now() + DAY,
    })
    const [deploy] = store.jobs.ofPipeline(1)
    const deployment = () => store.deployments.ofJob(deploy?.id ?? 0)
    expect(deployment()).toMatchObject({
      iid: 1,
      environmentId: made?.id,
      ref: 'main',
      tag: false,
      sha: SHA,
      status: 'created',
      onStop: 'stop',
      userId: 1,
    })
    const payload = await takeJob(lab, 'deploy')
    expect(deployment()).toMatchObject({ status: 'running', finishedAt: null })
    expect(
      ['NAME', 'SLUG', 'URL', 'ACTION', 'TIER', 'ID'].map((key) => valueOf(payload, `CI_ENVIRONMENT_${key}`)),
    ).toEqual([
      'review/main',
      'review-main-yi2y9f',
      'https://review-main-yi2y9f.example.test/',
      'start',
      'development',
      String(made?.id),
    ])
    clock.advance(1000)
    await endJob(lab, payload)
    expect(deployment()).toMatchObject({ status: 'success', finishedAt: clock.now() })
    expect(store.environments.findByName(9, 'review/main')).toMatchObject({
      externalUrl: 'https://review-main-yi2y9f.example.test/',
      autoStopAt: clock.now() + DAY,
    })
    expect(store.environments.ofProject(9)).toHaveLength(1)
    await create()
    await finish('deploy', failed())
    expect(store.deployments.page(9, { environment: 'review/main', status: null }, { limit: 9, offset: 0, newestFirst: true })).toMatchObject({
      total: 2,
      deployments: [{ iid: 2, status: 'failed' }, { iid: 1, status: 'success' }],
    })
  }) // prettier-ignore

  test('has a new row for each attempt', async () => {
    const { store, engine, create, finish } = testEngine('a: {script: [x], environment: prod}\n')
    const id = await create()
    await finish('a', failed())
    engine.verbs.retryPipeline(id, { userId: null })
    await finish('a')
    const all = store.deployments.page(9, { environment: null, status: null }, { limit: 9, offset: 0, newestFirst: false })
    expect(all.deployments.map(({ iid, status }) => [iid, status])).toEqual([[1, 'failed'], [2, 'success']])
  }) // prettier-ignore

  test('gets its address from its own dotenv report at the end', async () => {
    const lab = testEngine('a: {script: [x], environment: {name: prod, url: $URL}}\n')
    await lab.create()
    const payload = await takeJob(lab, 'a')
    expect(await leaveReport(lab, payload, 'dotenv', 'URL=https://dynamic.example.test\n')).toEqual({ ok: true, value: null })
    await endJob(lab, payload)
    expect(lab.store.environments.findByName(9, 'prod')?.externalUrl).toBe('https://dynamic.example.test')
  }) // prettier-ignore

  test.each([
    ['javascript:alert(1)'],
    ['$NOTHING'],
    ['https://x/$LONG'],
  ])('keeps the address that it had when the new one is %s', async (url) => {
    const lab = testEngine(`a: {script: [x], environment: {name: prod, url: "${url}"}, variables: {LONG: ${'z'.repeat(300)}}}\n`)
    await lab.create()
    await lab.finish('a')
    expect(lab.store.environments.findByName(9, 'prod')?.externalUrl).toBeNull()
  }) // prettier-ignore

  test.each([['prepare'], ['access'], ['verify']])('is none with action %s', async (action) => {
    const lab = testEngine(
      `a: {script: [x], environment: {name: prod, action: ${action}, url: "https://x"}}\n`,
    )
    await lab.create()
    const payload = await takeJob(lab, 'a')
    expect(valueOf(payload, 'CI_ENVIRONMENT_ACTION')).toBe(action)
    await endJob(lab, payload)
    expect(lab.store.deployments.ofJob(payload.id)).toBeUndefined()
    expect(lab.store.environments.findByName(9, 'prod')).toMatchObject({
      externalUrl: null,
      state: 'available',
    })
  })

  test('cannot be to a name that is none: the job fails and says so', async () => {
    const { store, create, statuses, finish } = testEngine(
      'a: {script: [x], environment: "x/$NOTHING", allow_failure: true}\nb: {script: [x], stage: deploy}\n',
    )
    const id = await create()
    expect(statuses(id)).toEqual({ a: 'failed', b: 'pending' })
    const [job] = store.jobs.ofPipeline(id)
    expect(job?.failureReason).toBe('environment_creation_failure')
    expect(job && readFileSync(store.traces.pathOf(job), 'utf8')).toContain(
      'This job could not be executed because it would create an environment with an invalid parameter.',
    )
    await finish('b')
  })
})

describe('an environment', () => {
  test('is stopped by its stop job', async () => {
    const lab = testEngine(REVIEW)
    const { engine, store, create, finish, statuses } = lab
    const id = await create()
    await finish('deploy')
    const environment = store.environments.findByName(9, 'review/main')?.id ?? 0
    expect(engine.environments.remove(environment)).toMatchObject({ ok: false })
    const started = engine.environments.stop(environment, { userId: 1 })
    expect(started).toEqual({ ok: true, value: [2] })
    expect(statuses(id)['stop']).toBe('pending')
    expect(store.environments.find(environment)).toMatchObject({ state: 'stopping', autoStopAt: null })
    const payload = await takeJob(lab, 'stop')
    expect(valueOf(payload, 'CI_ENVIRONMENT_ACTION')).toBe('stop')
    await endJob(lab, payload)
    expect(store.environments.find(environment)?.state).toBe('stopped')
    expect(engine.environments.remove(environment)).toMatchObject({ ok: true })
    expect(store.environments.find(environment)).toBeUndefined()
  })

  test('without a stop job is stopped at once, and available again after the next deployment', async () => {
    const { engine, store, create, finish } = testEngine('a: {script: [x], environment: prod}\n')
    await create()
    await finish('a')
    expect(engine.environments.stop(1, { userId: 1 })).toEqual({ ok: true, value: [] })
    expect(store.environments.find(1)?.state).toBe('stopped')
    await create()
    await finish('a')
    expect(store.environments.find(1)?.state).toBe('available')
  })

  test('stops by itself when its time has come', async () => {
    const lab = testEngine(REVIEW)
    const { engine, store, clock, create, finish, statuses } = lab
    engine.recover('serve')
    const id = await create()
    await finish('deploy')
    clock.advance(DAY - 1000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(statuses(id)['stop']).toBe('manual')
    clock.advance(DAY)
    await new Promise((resolve) => setImmediate(resolve))
    expect(statuses(id)['stop']).toBe('pending')
    expect(store.environments.find(1)?.state).toBe('stopping')
    engine.stop()
  })

  test('never does so when told never', async () => {
    const { store, create, finish } = testEngine(
      'a: {script: [x], environment: {name: prod, auto_stop_in: never}}\n',
    )
    await create()
    await finish('a')
    expect(store.environments.find(1)?.autoStopAt).toBeNull()
  })
})

test('a release and pages are recorded when their job succeeds, with variables expanded', async () => {
  const { store, create, finish } = testEngine(`
pages:
  script: [x]
  variables: {V: "1.2"}
  release: {tag_name: "v$V", description: "of $CI_COMMIT_REF_NAME", assets: {links: [{name: l, url: "https://x/$V"}]}}
`)
  await create()
  await finish('pages', failed())
  expect(store.releases.ofProject(9)).toEqual([])
  await create()
  await finish('pages')
  expect(store.releases.ofProject(9)).toMatchObject([{ tagName: 'v1.2', name: 'v1.2', description: 'of main', sha: SHA }])
  expect(JSON.parse(store.releases.ofProject(9)[0]?.details ?? '')).toMatchObject({ links: [{ url: 'https://x/1.2' }] })
  expect(store.pages.ofProject(9)).toMatchObject([{ folder: 'public', pathPrefix: null, jobId: 2 }])
}) // prettier-ignore

test('a pipeline number is seen by rules, and a refused pipeline leaves no gap', async () => {
  const { engine, store, create } = testEngine(
    `a: {script: [x], rules: [{if: '$CI_PIPELINE_IID == "1"'}, {if: '$CI_PIPELINE_IID == "2" && $GO'}]}\n`,
  )
  expect(store.pipelines.find(await create())?.iid).toBe(1)
  const refused = await engine.create({
    projectId: 9,
    source: 'trigger',
    checkout: { kind: 'ref', ref: 'main' },
    variables: [],
    inputs: {},
    userId: 1,
    request: null,
    triggerId: null,
    sourceKey: null,
    saveInvalid: true,
    selection: null,
    configPath: null,
  })
  expect(refused).toMatchObject({ kind: 'refused', refusal: { reason: 'filtered_by_rules' } })
  expect(store.pipelines.find(await create({ variables: [variable('GO', '1', 'trigger')] }))?.iid).toBe(2)
})
