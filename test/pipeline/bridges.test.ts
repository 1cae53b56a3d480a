import { describe, expect, it } from 'vitest'
import type { Pipeline } from '../../src/model/pipeline.ts'
import { command, failed, testEngine, type TestEngine } from '../support/engine.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const CHILD = 'unit: {script: x}\n'

/** Resolves as soon as something has happened after which the condition holds. */
function until({ engine }: TestEngine, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve()
  return new Promise((resolve) => {
    const off = engine.events.on(() => {
      if (!holds()) return
      off()
      resolve()
    })
  })
}

/** The pipeline that a bridge of a pipeline started. */
async function downstream(test: TestEngine, pipelineId: number, bridge: string): Promise<Pipeline> {
  const { store } = test
  const id = jobId(test, pipelineId, bridge)
  await until(test, () => {
    const pipeline = store.pipelines.startedBy(id)
    return pipeline !== undefined && pipeline.status !== 'created'
  })
  const pipeline = store.pipelines.startedBy(id)
  if (!pipeline) throw new Error('nothing was started')
  return pipeline
}

function jobId({ store }: TestEngine, pipelineId: number, name: string): number {
  const head = store.jobs.headsOf(pipelineId).find((job) => job.name === name)
  if (!head) throw new Error(`no job ${name}`)
  return head.id
}

const becomes = (test: TestEngine, pipelineId: number, name: string, status: string): Promise<void> =>
  until(test, () => test.statuses(pipelineId)[name] === status)

const reasonOf = (test: TestEngine, pipelineId: number, name: string): string | null | undefined =>
  test.store.jobs.find(jobId(test, pipelineId, name))?.failureReason

describe('a child pipeline', () => {
  it('is made of the included files at the same commit, and the bridge succeeds at once', async () => {
    const test = testEngine('deploy:\n  trigger: {include: child.yml}\n', { files: { 'child.yml': CHILD } })
    const parent = await test.create()
    const child = await downstream(test, parent, 'deploy')
    expect(child).toMatchObject({
      source: 'parent_pipeline',
      projectId: 9,
      ref: 'main',
      status: 'pending',
      userId: 1,
      parentJobId: jobId(test, parent, 'deploy'),
    })
    await becomes(test, parent, 'deploy', 'success')
    expect(test.store.pipelines.find(parent)?.status).toBe('success')
    expect(test.statuses(child.id)).toEqual({ unit: 'pending' })
  })

  it('is waited for with strategy: depend', async () => {
    const yaml =
      'stages: [a, b]\ndeploy:\n  stage: a\n  trigger: {include: child.yml, strategy: depend}\nafter: {stage: b, script: x}\n'
    const test = testEngine(yaml, { files: { 'child.yml': CHILD } })
    const parent = await test.create()
    await downstream(test, parent, 'deploy')
    expect(test.statuses(parent)).toEqual({ deploy: 'running', after: 'created' })
    await test.finish('unit')
    expect(test.statuses(parent)).toEqual({ deploy: 'success', after: 'pending' })
    await test.finish('after')
    expect(test.store.pipelines.find(parent)?.status).toBe('success')
  })

  it('fails its bridge, and brings it back when it is run again', async () => {
    const yaml =
      'stages: [a, b]\ndeploy:\n  stage: a\n  trigger: {include: child.yml, strategy: depend}\nafter: {stage: b, script: x}\n'
    const test = testEngine(yaml, { files: { 'child.yml': CHILD } })
    const parent = await test.create()
    const child = await downstream(test, parent, 'deploy')
    await test.finish('unit', failed())
    expect(test.statuses(parent)).toEqual({ deploy: 'failed', after: 'skipped' })
    expect(reasonOf(test, parent, 'deploy')).toBe('unknown_failure')
    expect(test.engine.verbs.retry(jobId(test, child.id, 'unit'), { userId: 1 }).ok).toBe(true)
    expect(test.statuses(parent)).toEqual({ deploy: 'pending', after: 'created' })
    expect(reasonOf(test, parent, 'deploy')).toBeNull()
    await test.finish('unit')
    expect(test.statuses(parent)).toEqual({ deploy: 'success', after: 'pending' })
  })

  it('is mirrored while it waits for a person', async () => {
    const child = 'unit: {script: x, when: manual, allow_failure: false}\n'
    const yaml = (strategy: string): string =>
      `deploy:\n  trigger: {include: child.yml, strategy: ${strategy}}\n`
    const depending = testEngine(yaml('depend'), { files: { 'child.yml': child } })
    const dependingParent = await depending.create()
    await downstream(depending, dependingParent, 'deploy')
    expect(depending.statuses(dependingParent)).toEqual({ deploy: 'running' })

    const mirroring = testEngine(yaml('mirror'), { files: { 'child.yml': child } })
    const parent = await mirroring.create()
    const { id } = await downstream(mirroring, parent, 'deploy')
    expect(mirroring.statuses(parent)).toEqual({ deploy: 'manual' })
    mirroring.engine.verbs.play(jobId(mirroring, id, 'unit'), { userId: 1 })
    await mirroring.finish('unit')
    expect(mirroring.statuses(parent)).toEqual({ deploy: 'success' })
  })

  it('is canceled with its parent, and with it the bridge', async () => {
    const yaml = 'deploy:\n  trigger: {include: child.yml, strategy: depend}\n'
    const test = testEngine(yaml, { files: { 'child.yml': CHILD } })
    const parent = await test.create()
    const child = await downstream(test, parent, 'deploy')
    test.engine.cancel(parent)
    expect(test.statuses(parent)).toEqual({ deploy: 'canceled' })
    expect(test.statuses(child.id)).toEqual({ unit: 'canceled' })
  })

  it('is canceled although it was only being made when its parent was', async () => {
    const yaml = 'deploy:\n  trigger: {include: child.yml, strategy: depend}\n'
    const test = testEngine(yaml, { files: { 'child.yml': CHILD } })
    test.engine.events.on((event) => {
      if (event.type === 'job' && event.to === 'running') test.engine.cancel(event.pipelineId)
    })
    const parent = await test.create()
    const child = await downstream(test, parent, 'deploy')
    await becomes(test, child.id, 'unit', 'canceled')
    expect(test.statuses(parent)).toEqual({ deploy: 'canceled' })
    expect(test.store.pipelines.find(child.id)?.status).toBe('canceled')
  })

  it('may be started by nobody, as by a legacy trigger', async () => {
    const test = testEngine('deploy: {trigger: {include: child.yml}}\n', { files: { 'child.yml': CHILD } })
    const parent = await test.create({ userId: null })
    expect(await downstream(test, parent, 'deploy')).toMatchObject({ userId: null, status: 'pending' })
  })

  it('is refused beyond the triggers of a minute', async () => {
    const yaml = 'one: {trigger: {include: child.yml}}\ntwo: {trigger: {include: child.yml}}\n'
    const test = testEngine(yaml, { files: { 'child.yml': CHILD }, limits: { downstreamTriggers: 1 } })
    const parent = await test.create()
    await becomes(test, parent, 'two', 'failed')
    expect(reasonOf(test, parent, 'two')).toBe('reached_downstream_pipeline_trigger_rate_limit')
    test.clock.advance(61_000)
    const later = await test.create()
    expect(await downstream(test, later, 'one')).toMatchObject({ source: 'parent_pipeline' })
  })

  it('cancels the rest of its parent where that is asked for', async () => {
    const yaml =
      'workflow: {auto_cancel: {on_job_failure: all}}\ndeploy:\n  trigger: {include: child.yml, strategy: depend}\nother: {script: x}\n'
    const test = testEngine(yaml, { files: { 'child.yml': 'unit: {script: x, rules: [{when: never}]}\n' } })
    const parent = await test.create()
    await becomes(test, parent, 'deploy', 'failed')
    await becomes(test, parent, 'other', 'canceled')
    expect(test.statuses(parent)).toEqual({ deploy: 'failed', other: 'canceled' })
  })

  it('is made anew when the bridge is retried', async () => {
    const yaml = 'deploy:\n  trigger: {include: child.yml, strategy: depend}\n'
    const test = testEngine(yaml, { files: { 'child.yml': CHILD } })
    const parent = await test.create()
    const first = await downstream(test, parent, 'deploy')
    await test.finish('unit', failed())
    const again = test.engine.verbs.retry(jobId(test, parent, 'deploy'), { userId: 1 })
    expect(again.ok).toBe(true)
    const second = await downstream(test, parent, 'deploy')
    expect(second.id).not.toBe(first.id)
    await test.finish('unit')
    expect(test.statuses(parent)).toEqual({ deploy: 'success' })
  })

  it('waits for a person who plays its bridge', async () => {
    const yaml = 'deploy:\n  trigger: {include: child.yml}\n  when: manual\nother: {script: x}\n'
    const test = testEngine(yaml, { files: { 'child.yml': CHILD } })
    const parent = await test.create()
    expect(test.statuses(parent)).toEqual({ deploy: 'manual', other: 'pending' })
    expect(test.engine.verbs.play(jobId(test, parent, 'deploy'), { userId: 1 }).ok).toBe(true)
    expect(await downstream(test, parent, 'deploy')).toMatchObject({ source: 'parent_pipeline' })
  })

  it('takes several files, inputs and variables in their names', async () => {
    const yaml =
      'deploy:\n  variables: {WHICH: b}\n  trigger:\n    include:\n      - local: a.yml\n        inputs: {name: first}\n      - local: $WHICH.yml\n'
    const a = 'spec: {inputs: {name: {}}}\n---\n$[[ inputs.name ]]: {script: x}\n'
    const test = testEngine(yaml, { files: { 'a.yml': a, 'b.yml': 'second: {script: x}\n' } })
    const child = await downstream(test, await test.create(), 'deploy')
    expect(test.statuses(child.id)).toEqual({ first: 'pending', second: 'pending' })
  })

  it('may be nested two levels deep', async () => {
    const yaml = 'go:\n  trigger: {include: $NEXT.yml}\n'
    const child = (next: string): string => `go:\n  trigger: {include: ${next}.yml}\n`
    const files = { 'a.yml': child('b'), 'b.yml': child('c'), 'c.yml': CHILD }
    const test = testEngine(yaml.replace('$NEXT', 'a'), { files })
    const first = await downstream(test, await test.create(), 'go')
    const second = await downstream(test, first.id, 'go')
    await becomes(test, second.id, 'go', 'failed')
    expect(reasonOf(test, second.id, 'go')).toBe('reached_max_descendant_pipelines_depth')
  })

  it('is refused beyond the size of a hierarchy', async () => {
    const yaml =
      'stages: [one, two]\none: {stage: one, trigger: {include: child.yml}}\ntwo: {stage: two, trigger: {include: child.yml}}\n'
    const test = testEngine(yaml, { files: { 'child.yml': CHILD }, limits: { pipelineHierarchySize: 2 } })
    const parent = await test.create()
    await becomes(test, parent, 'two', 'failed')
    expect(test.statuses(parent)).toEqual({ one: 'success', two: 'failed' })
    expect(reasonOf(test, parent, 'two')).toBe('reached_max_pipeline_hierarchy_size')
  })
})

describe('the variables of a child pipeline', () => {
  async function handedOn(more: string, child = CHILD): Promise<Record<string, string>> {
    const yaml = `variables: {GLOBAL: g}\ndeploy:\n  variables: {OWN: "$GLOBAL-$GIVEN-$NOWHERE-$CI_PIPELINE_ID", RAW: {value: $GIVEN, expand: false}}\n  trigger:\n    include: child.yml\n${more}`
    const test = testEngine(yaml, { files: { 'child.yml': child } })
    const given = {
      key: 'GIVEN',
      value: 'v',
      file: false,
      raw: false,
      masked: false,
      origin: 'trigger',
    } as const
    const parent = await test.create({ variables: [given] })
    const { id } = await downstream(test, parent, 'deploy')
    return Object.fromEntries(test.store.pipelineVariables.of(id).map(({ key, value }) => [key, value]))
  }

  it('are those of the bridge, expanded with all that it sees', async () => {
    expect(await handedOn('')).toEqual({ GLOBAL: 'g', OWN: 'g-v--1', RAW: '$GIVEN' })
  })
  it('are none with yaml_variables: false', async () => {
    expect(await handedOn('    forward: {yaml_variables: false}\n')).toEqual({})
  })
  it('are those of the pipeline too with pipeline_variables: true', async () => {
    expect(await handedOn('    forward: {pipeline_variables: true, yaml_variables: false}\n')).toEqual({
      GIVEN: 'v',
    })
  })

  it('say where the pipeline comes from', async () => {
    const test = testEngine('deploy: {trigger: {include: child.yml}}\n', {
      files: { 'child.yml': 'unit: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == "parent_pipeline"}]}\n' },
    })
    const parent = await test.create()
    await downstream(test, parent, 'deploy')
    const payload = await test.finish('unit')
    const value = (name: string): string | undefined =>
      payload.variables.findLast(({ key }) => key === name)?.value
    expect(value('CI_PIPELINE_SOURCE')).toBe('parent_pipeline')
    expect(value('CI_UPSTREAM_PIPELINE_ID')).toBe(String(parent))
    expect(value('CI_UPSTREAM_PROJECT_ID')).toBe('9')
    expect(value('CI_UPSTREAM_JOB_ID')).toBe(String(jobId(test, parent, 'deploy')))
  })
})

describe('a child pipeline that cannot be made', () => {
  const rows: [title: string, child: string, kept: string | null, said: string][] = [
    [
      'with a wrong file',
      'unit: {stage: nowhere, script: x}\n',
      expect.stringContaining('chosen stage nowhere does not exist'),
      'chosen stage nowhere does not exist',
    ],
    [
      'without jobs',
      'unit: {script: x, rules: [{when: never}]}\n',
      null,
      'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
    ],
    [
      'that its workflow refuses',
      'workflow: {rules: [{when: never}]}\nunit: {script: x}\n',
      null,
      'The pipeline did not run. Review the workflow:rules configuration for the pipeline.',
    ],
    [
      'from a file that is not there',
      '',
      expect.stringContaining('Local file `child.yml` does not exist!'),
      'Local file `child.yml` does not exist!',
    ],
  ]
  it.each(rows)('%s', async (_, child, kept, said) => {
    const yaml = 'deploy:\n  trigger: {include: child.yml, strategy: depend}\n'
    const test = testEngine(yaml, child === '' ? {} : { files: { 'child.yml': child } })
    const parent = await test.create()
    await becomes(test, parent, 'deploy', 'failed')
    expect(reasonOf(test, parent, 'deploy')).toBe('downstream_pipeline_creation_failed')
    const job = test.store.jobs.find(jobId(test, parent, 'deploy'))
    const started = job && test.store.pipelines.startedBy(job.id)
    const facts = started && [started.status, started.source, started.configError]
    expect(facts).toEqual(kept === null ? undefined : ['failed', 'parent_pipeline', kept])
    const log: Buffer[] = []
    if (job)
      for await (const bytes of test.store.traces.read(test.store.traces.pathOf(job), 0)) log.push(bytes)
    expect(Buffer.concat(log).toString()).toContain(said)
  })
})

describe('include:artifact', () => {
  const yaml = (job: string, path = 'made.yml'): string =>
    `stages: [a, b]\nmake: {stage: a, script: x, artifacts: {paths: [made.yml]}}\ndeploy:\n  stage: b\n  trigger:\n    include:\n      - {artifact: ${path}, job: ${job}}\n`

  async function afterMaking(test: TestEngine): Promise<number> {
    const parent = await test.create()
    const payload = await test.take()
    if (!payload) throw new Error('no job')
    const staged = await test.engine.coordinator.stageArtifacts(payload.token)
    const { mkdirSync, writeFileSync } = await import('node:fs')
    const { join } = await import('node:path')
    writeFileSync(join(staged, 'made.yml'), CHILD)
    mkdirSync(join(staged, 'folder.yml'))
    await test.engine.coordinator.putArtifacts(payload.token, {
      staged,
      name: null,
      size: 9,
      files: 1,
      expireIn: null,
    })
    await test.engine.coordinator.updateJob(payload.token, { state: 'success' })
    return parent
  }

  it('reads a file that a job of the parent made', async () => {
    const test = testEngine(yaml('make'))
    const child = await downstream(test, await afterMaking(test), 'deploy')
    expect(test.statuses(child.id)).toEqual({ unit: 'pending' })
  })

  const rows: [path: string, message: string][] = [
    ['other.yml', 'Path `other.yml` does not exist inside the `make` artifacts archive!'],
    ['../made.yml', 'Path `../made.yml` does not exist inside the `make` artifacts archive!'],
    ['folder.yml', 'Path `folder.yml` was expected to be a file but it was a directory!'],
    ['made.txt', 'Included file `made.txt` does not have YAML extension!'],
  ]
  it.each(rows)('%s: %s', async (path, message) => {
    const test = testEngine(yaml('make', path))
    const parent = await afterMaking(test)
    await becomes(test, parent, 'deploy', 'failed')
    expect(test.store.pipelines.startedBy(jobId(test, parent, 'deploy'))?.configError).toBe(message)
  })

  it('wants artifacts', async () => {
    const test = testEngine(yaml('make'))
    const parent = await test.create()
    await test.finish('make')
    await becomes(test, parent, 'deploy', 'failed')
    expect(test.store.pipelines.startedBy(jobId(test, parent, 'deploy'))?.configError).toBe(
      'Job `make` not found in parent pipeline or does not have artifacts!',
    )
  })
})

describe('a pipeline of another project', () => {
  const other = (files: Readonly<Record<string, string>> = { '.gitlab-ci.yml': CHILD }) => ({
    others: [{ id: 10, name: 'group/lib', files }],
  })

  it('runs on a branch of that project, with inputs', async () => {
    const spec = 'spec: {inputs: {name: {default: none}}}\n---\n$[[ inputs.name ]]: {script: x}\n'
    const yaml =
      'deploy:\n  variables: {TO: x, LIB: lib}\n  trigger: {project: group/$LIB, branch: feature/$TO, inputs: {name: given}}\n'
    const test = testEngine(yaml, other({ '.gitlab-ci.yml': spec }))
    const child = await downstream(test, await test.create(), 'deploy')
    expect(child).toMatchObject({ projectId: 10, source: 'pipeline', ref: 'feature/x' })
    expect(test.statuses(child.id)).toEqual({ given: 'pending' })
  })

  const rows: [title: string, trigger: string, reason: string, userId: number | null][] = [
    ['is not served', 'group/none', 'downstream_bridge_project_not_found', 1],
    ['is the own one', 'group/app', 'invalid_bridge_trigger', 1],
    ['is out of reach of a legacy trigger', 'group/lib', 'downstream_bridge_project_not_found', null],
    ['has another branch', '{project: group/lib, branch: none}', 'downstream_pipeline_creation_failed', 1],
  ]
  it.each(rows)('%s', async (_, trigger, reason, userId) => {
    const test = testEngine(`deploy:\n  trigger: ${trigger}\n`, other())
    const parent = await test.create({ userId })
    await becomes(test, parent, 'deploy', 'failed')
    expect(reasonOf(test, parent, 'deploy')).toBe(reason)
  })

  it('wants a role of the user there', async () => {
    const test = testEngine('deploy:\n  trigger: group/lib\n', other())
    const ann = test.store.users.put({ username: 'ann', name: 'Ann', email: 'ann@example.test' })
    test.store.users.setMembers(9, [{ userId: ann, role: 'developer' }])
    const parent = await test.create({ userId: ann })
    await becomes(test, parent, 'deploy', 'failed')
    expect(reasonOf(test, parent, 'deploy')).toBe('downstream_bridge_project_not_found')
    test.store.users.setMembers(10, [{ userId: ann, role: 'developer' }])
    const second = await test.create({ userId: ann })
    expect(await downstream(test, second, 'deploy')).toMatchObject({ projectId: 10, userId: ann })
  })

  it('wants the role that the pipeline began with', async () => {
    const test = testEngine(
      'deploy:\n  trigger: group/lib\n  when: manual\n  allow_failure: false\n',
      other(),
    )
    const ann = test.store.users.put({ username: 'ann', name: 'Ann', email: 'ann@example.test' })
    for (const project of [9, 10]) test.store.users.setMembers(project, [{ userId: ann, role: 'developer' }])
    const parent = await test.create({ userId: ann })
    test.store.users.setMembers(9, [])
    test.engine.verbs.play(jobId(test, parent, 'deploy'), { userId: null })
    await becomes(test, parent, 'deploy', 'failed')
    expect(reasonOf(test, parent, 'deploy')).toBe('insufficient_bridge_permissions')
  })

  it('ends in a loop after the second round', async () => {
    const test = testEngine(
      'go: {trigger: group/lib}\n',
      other({ '.gitlab-ci.yml': 'go: {trigger: group/app}\n' }),
    )
    const first = await test.create()
    const seen = [first]
    for (let at = first; ;) {
      await until(test, () => ['success', 'failed'].includes(test.statuses(at)['go'] ?? ''))
      const next = test.store.pipelines.startedBy(jobId(test, at, 'go'))
      if (!next) break
      seen.push(next.id)
      at = next.id
    }
    const last = seen.at(-1) ?? 0
    expect(reasonOf(test, last, 'go')).toBe('pipeline_loop_detected')
    // trigger → pipeline, and of the source `pipeline` three of the same project.
    expect(seen).toHaveLength(6)
  })

  it('is not canceled with the pipeline that started it', async () => {
    const test = testEngine('deploy:\n  trigger: {project: group/lib, strategy: depend}\n', other())
    const parent = await test.create()
    const child = await downstream(test, parent, 'deploy')
    test.engine.cancel(parent)
    expect(test.statuses(parent)).toEqual({ deploy: 'canceled' })
    expect(test.statuses(child.id)).toEqual({ unit: 'pending' })
  })
})

describe('a bridge that mirrors', () => {
  const yaml = 'status:\n  needs: {pipeline: group/lib}\n'
  const others = [{ id: 10, name: 'group/lib', files: { '.gitlab-ci.yml': CHILD } }]

  it('has the status of the newest pipeline of the default branch', async () => {
    const test = testEngine(yaml, { others })
    await test.create({ projectId: 10 })
    const parent = await test.create()
    const payload = await test.take()
    await becomes(test, parent, 'status', 'running')
    await test.engine.coordinator.updateJob(payload?.token ?? '', failed())
    expect(test.statuses(parent)).toEqual({ status: 'failed' })
  })

  it('is skipped where no pipeline is', async () => {
    const test = testEngine(yaml, { others })
    const parent = await test.create()
    await becomes(test, parent, 'status', 'skipped')
    expect(test.statuses(parent)).toEqual({ status: 'skipped' })
  })

  it('fails where no such project is', async () => {
    const test = testEngine(yaml)
    const parent = await test.create()
    await becomes(test, parent, 'status', 'failed')
    expect(reasonOf(test, parent, 'status')).toBe('upstream_bridge_project_not_found')
  })
})

describe('needs in other pipelines', () => {
  /** Takes a job, which must be this one, and ends it with an archive. */
  async function finishWithArtifacts({ engine, take }: TestEngine, name: string): Promise<number> {
    const payload = await take()
    if (payload?.job_info.name !== name) throw new Error(`expected ${name}, got ${payload?.job_info.name}`)
    const staged = await engine.coordinator.stageArtifacts(payload.token)
    await engine.coordinator.putArtifacts(payload.token, {
      staged,
      name: null,
      size: 7,
      files: 1,
      expireIn: null,
    })
    await engine.coordinator.updateJob(payload.token, { state: 'success' })
    return payload.id
  }

  const parent =
    'stages: [a, b]\nmake: {stage: a, script: x}\ngo:\n  stage: b\n  variables: {PARENT_PIPELINE_ID: $CI_PIPELINE_ID}\n  trigger: {include: child.yml}\n'

  it('give a child the artifacts of a job of its parent', async () => {
    const child = 'use:\n  script: x\n  needs: [{pipeline: $PARENT_PIPELINE_ID, job: make}]\n'
    const test = testEngine(parent, { files: { 'child.yml': child } })
    const pipeline = await test.create()
    const made = await finishWithArtifacts(test, 'make')
    await downstream(test, pipeline, 'go')
    const { dependencies } = await test.finish('use')
    expect(dependencies).toEqual([
      { id: made, name: 'make', token: '', artifacts_file: { filename: 'artifacts.zip', size: 7 } },
    ])
  })

  it('hand on the variables that it reported', async () => {
    const child = 'use:\n  script: x\n  needs: [{pipeline: $PARENT_PIPELINE_ID, job: make}]\n'
    const test = testEngine(parent, { files: { 'child.yml': child } })
    const pipeline = await test.create()
    const { id } = await test.finish('make')
    const reported = {
      key: 'REPORTED',
      value: 'yes',
      file: false,
      raw: false,
      masked: false,
      origin: 'dotenv',
    } as const
    test.store.jobVariables.put(id, 'dotenv', [reported])
    await downstream(test, pipeline, 'go')
    const { variables } = await test.finish('use')
    expect(variables.findLast(({ key }) => key === 'REPORTED')?.value).toBe('yes')
  })

  const missing: [title: string, need: string][] = [
    ['a job that is not there', '{pipeline: $PARENT_PIPELINE_ID, job: none}'],
    ['a pipeline of another family', '{pipeline: "4711", job: make}'],
    ['the own pipeline', '{pipeline: $CI_PIPELINE_ID, job: use}'],
    ['a project that is not served', '{project: group/none, ref: main, job: make}'],
    ['a job that has not succeeded', '{project: group/app, ref: main, job: go}'],
  ]
  it.each(missing)('fail a job that wants %s', async (_, need) => {
    const test = testEngine(parent, { files: { 'child.yml': `use:\n  script: x\n  needs: [${need}]\n` } })
    const pipeline = await test.create()
    await test.finish('make')
    const child = await downstream(test, pipeline, 'go')
    expect(await test.take()).toBeUndefined()
    expect(reasonOf(test, child.id, 'use')).toBe('missing_dependency_failure')
  })

  it('give a job the artifacts of the newest success in another project', async () => {
    const others = [{ id: 10, name: 'group/lib', files: { '.gitlab-ci.yml': 'make: {script: x}\n' } }]
    const yaml = 'use:\n  script: x\n  needs: [{project: group/lib, ref: $CI_COMMIT_REF_NAME, job: make}]\n'
    const test = testEngine(yaml, { others })
    await test.create({ projectId: 10 })
    await finishWithArtifacts(test, 'make')
    await test.create({ projectId: 10 })
    const newest = await finishWithArtifacts(test, 'make')
    await test.create({ projectId: 10 })
    await test.finish('make', failed())
    await test.create()
    const { dependencies } = await test.finish('use')
    expect(dependencies.map(({ id }) => id)).toEqual([newest])
  })
})

it('keeps a pipeline together with those that it started', async () => {
  const test = testEngine('deploy: {trigger: {include: child.yml, strategy: depend}}\n', {
    files: { 'child.yml': CHILD },
  })
  const pipelines: number[][] = []
  for (let count = 0; count < 3; count++) {
    const parent = await test.create()
    const child = await downstream(test, parent, 'deploy')
    await test.finish('unit')
    pipelines.push([parent, child.id])
  }
  const removed = test.engine.prune({ pipelines: 2, bytes: 1024 ** 3 })
  expect(removed.toSorted((one, other) => one - other)).toEqual(pipelines[0])
})

describe('a run that waits', () => {
  it('waits for children that their bridges do not wait for', async () => {
    const test = testEngine('deploy: {trigger: {include: child.yml}}\n', { files: { 'child.yml': CHILD } })
    const parent = await test.create()
    let settled = false
    const waiting = test.engine.settled(parent).then((pipeline) => {
      settled = true
      return pipeline
    })
    await downstream(test, parent, 'deploy')
    await becomes(test, parent, 'deploy', 'success')
    expect(settled).toBe(false)
    await test.finish('unit', failed())
    expect(await waiting).toMatchObject({ id: parent, status: 'success' })
  })

  it('does not wait where a child waits for a person', async () => {
    const test = testEngine(
      'deploy: {trigger: {include: child.yml, strategy: depend}}\nother: {script: x}\n',
      {
        files: { 'child.yml': 'unit: {script: x, when: manual, allow_failure: false}\n' },
      },
    )
    const parent = await test.create()
    const waiting = test.engine.settled(parent)
    await downstream(test, parent, 'deploy')
    await test.finish('other')
    expect(await waiting).toMatchObject({ status: 'running' })
  })
})

describe('after a process has died', () => {
  const yaml = 'deploy: {trigger: {include: child.yml, strategy: depend}}\n'
  const files = { 'child.yml': CHILD }
  // A process id that the kernel does not give.
  const dead = { pid: 4_194_305, pidStart: '1', bootId: 'gone' }

  async function restarted(
    before: (test: TestEngine) => Promise<number>,
  ): Promise<{ readonly test: TestEngine; readonly parent: number }> {
    const stateDir = temporaryFolder()
    const first = testEngine(yaml, { stateDir, files, processOf: dead })
    const parent = await before(first)
    first.engine.stop()
    const test = testEngine(yaml, { stateDir, files })
    test.engine.recover('serve')
    return { test, parent }
  }

  /** Its bridge is pending, and nobody has taken it. */
  async function notTaken(test: TestEngine): Promise<number> {
    const result = await test.engine.create(command)
    test.engine.stop()
    if (result.kind !== 'created') throw new Error(result.kind)
    await until(test, () => test.statuses(result.pipelineId)['deploy'] === 'pending')
    return result.pipelineId
  }

  const rows: [title: string, before: (test: TestEngine) => Promise<number>][] = [
    ['a bridge that nobody has taken', notTaken],
    [
      'a bridge that was about to start its pipeline',
      async (test) => {
        const parent = await notTaken(test)
        const id = jobId(test, parent, 'deploy')
        test.store.jobs.setStatus({ id, from: 'pending', to: 'running', now: 1 })
        return parent
      },
    ],
    [
      'a bridge that has started it',
      async (test) => {
        const parent = await test.create()
        await downstream(test, parent, 'deploy')
        return parent
      },
    ],
  ]
  it.each(rows)('%s starts one pipeline', async (_, before) => {
    const { test, parent } = await restarted(before)
    const child = await downstream(test, parent, 'deploy')
    expect(test.store.pipelines.startedFrom(parent).map(({ id }) => id)).toEqual([child.id])
    await test.finish('unit')
    expect(test.statuses(parent)).toEqual({ deploy: 'success' })
  })

  it('a bridge whose pipeline ended meanwhile ends too', async () => {
    const { test, parent } = await restarted(async (first) => {
      const id = await first.create()
      await downstream(first, id, 'deploy')
      first.engine.stop()
      await first.finish('unit')
      expect(first.statuses(id)).toEqual({ deploy: 'running' })
      return id
    })
    await becomes(test, parent, 'deploy', 'success')
    expect(test.store.pipelines.find(parent)?.status).toBe('success')
  })
})
