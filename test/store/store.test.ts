import Sqlite from 'better-sqlite3'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { variable } from '../../src/model/variable.ts'
import { StoreVersionError } from '../../src/store/migrations.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/state-folder.ts'

function open(folder: string): Store {
  const store = openStore(folder, { powerSafe: true })
  onTestFinished(() => store.close())
  return store
}

function withProject(store: Store): Store {
  store.users.put({ username: 'root', name: 'Root', email: 'root@example.test' })
  store.projects.put({ id: 9, name: 'group/app', path: '/srv/app', defaultBranch: 'main' }, 1000)
  return store
}

const newPipeline = {
  projectId: 9,
  ref: 'main',
  tag: false,
  sha: 'a'.repeat(40),
  snapshotSha: null,
  beforeSha: '0'.repeat(40),
  source: 'trigger',
  sourceKey: null,
  status: 'created',
  name: null,
  configError: null,
  configSha256: null,
  onJobFailure: 'none',
  onNewCommit: 'conservative',
  parentJobId: null,
  scheduleId: null,
  childConfig: null,
  userId: 1,
  triggerId: null,
  createdAt: 1000,
  finishedAt: null,
} as const

function addPipeline(store: Store, more: { sourceKey?: string } = {}): number {
  const owner = store.processes.add({ kind: 'serve', pid: 1, pidStart: '1', bootId: 'b' }, 1000)
  return store.pipelines.add({ ...newPipeline, ...more, owner, iid: store.projects.nextPipelineIid(9) })
}

describe('the state folder', () => {
  test('belongs to its owner alone, as does the key in it', () => {
    const folder = join(temporaryFolder(), 'state')
    open(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600)
  })

  test('opens again with what was written', () => {
    const folder = temporaryFolder()
    withProject(open(folder))
    expect(open(folder).projects.find(9)?.name).toBe('group/app')
  })

  test('of a newer Sluice is refused and left as it is', () => {
    const folder = temporaryFolder()
    open(folder)
    const file = join(folder, 'sluice.db')
    const other = new Sqlite(file)
    other.pragma('user_version = 999')
    other.close()
    expect(() => openStore(folder, { powerSafe: true })).toThrow(StoreVersionError)
    const after = new Sqlite(file)
    expect(after.pragma('user_version', { simple: true })).toBe(999)
    after.close()
  })

  test('that holds another program’s database is refused', () => {
    const folder = temporaryFolder()
    const other = new Sqlite(join(folder, 'sluice.db'))
    other.pragma('user_version = 1')
    other.close()
    expect(() => openStore(folder, { powerSafe: true })).toThrow('is not a Sluice database')
  })
})

describe('secrets', () => {
  test('no token and no variable value stands in the database as it was written', () => {
    const folder = temporaryFolder()
    const store = withProject(open(folder))
    store.triggers.add(
      { projectId: 9, ownerId: 1, description: 'bot', token: 'glptt-0123456789abcdef' },
      1000,
    )
    store.accessTokens.add(
      { userId: 1, name: 'local', token: 'glpat-secretsecretsecret', scopes: ['api'] },
      1000,
    )
    const id = addPipeline(store)
    store.pipelineVariables.add(id, [variable('PASSWORD', 'hunter2hunter2', 'trigger')])
    store.close()
    const bytes = Buffer.concat(
      ['sluice.db', 'secret.key'].map((name) => readFileSync(join(folder, name))),
    ).toString('latin1')
    for (const secret of ['0123456789abcdef', 'secretsecret', 'hunter2']) expect(bytes).not.toContain(secret)
  })

  test('a trigger is found by its token, with the first four characters after the prefix', () => {
    const store = withProject(open(temporaryFolder()))
    const id = store.triggers.add(
      { projectId: 9, ownerId: null, description: 'bot', token: 'glptt-0123456789abcdef' },
      1000,
    )
    expect(store.triggers.findByToken('glptt-0123456789abcdef')).toMatchObject({
      id,
      shortToken: '0123',
      ownerId: null,
    })
    expect(store.triggers.findByToken('glptt-0123456789abcdeg')).toBeUndefined()
  })

  test('a declared trigger counts as long as the file names it', () => {
    const store = withProject(open(temporaryFolder()))
    const byApi = store.triggers.add(
      { projectId: 9, ownerId: 1, description: 'made by hand', token: 'HAND' },
      1000,
    )
    const one = store.triggers.declare(
      { projectId: 9, ownerId: null, description: 'one', token: 'ONE' },
      1000,
    )
    const two = store.triggers.declare(
      { projectId: 9, ownerId: null, description: 'two', token: 'TWO' },
      1000,
    )
    store.triggers.withdrawOthers(9, [one], 2000)
    expect([byApi, one, two].map((id) => store.triggers.find(id)?.withdrawnAt)).toEqual([null, null, 2000])
    expect(
      store.triggers.declare({ projectId: 9, ownerId: null, description: 'two', token: 'TWO' }, 3000),
    ).toBe(two)
    expect(store.triggers.find(two)?.withdrawnAt).toBeNull()
  })

  test('a declared trigger stays the same trigger when its words change, and a new one when its token does', () => {
    const store = withProject(open(temporaryFolder()))
    const first = store.triggers.declare(
      { projectId: 9, ownerId: null, description: 'old', token: 'TOKEN' },
      1000,
    )
    expect(
      store.triggers.declare({ projectId: 9, ownerId: 1, description: 'new', token: 'TOKEN' }, 2000),
    ).toBe(first)
    expect(store.triggers.find(first)).toMatchObject({
      description: 'new',
      ownerId: 1,
      updatedAt: 2000,
      shortToken: 'TOKE',
    })
    expect(
      store.triggers.declare({ projectId: 9, ownerId: 1, description: 'new', token: 'OTHER' }, 2000),
    ).not.toBe(first)
  })
})

describe('pipelines', () => {
  test('are numbered from 1 in their project, without gaps, and not again after one is removed', () => {
    const store = withProject(open(temporaryFolder()))
    const ids = [addPipeline(store), addPipeline(store)]
    store.pipelines.remove(ids[1] ?? 0)
    const third = addPipeline(store)
    expect(store.pipelines.find(third)?.iid).toBe(3)
    expect(third).toBeGreaterThan(ids[1] ?? 0)
  })

  test('a number is given back when its transaction fails', () => {
    const store = withProject(open(temporaryFolder()))
    expect(() =>
      store.write('full', () => {
        addPipeline(store)
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(store.pipelines.find(addPipeline(store))?.iid).toBe(1)
  })

  test('from one source key there is only one', () => {
    const store = withProject(open(temporaryFolder()))
    addPipeline(store, { sourceKey: 'child:7' })
    expect(() => addPipeline(store, { sourceKey: 'child:7' })).toThrow('UNIQUE constraint failed')
  })

  test('variables come back in order, opened, with their origin', () => {
    const store = withProject(open(temporaryFolder()))
    const id = addPipeline(store)
    const variables = [
      variable('B', '2', 'trigger'),
      variable('TRIGGER_PAYLOAD', '{"a":1}', 'trigger', { file: true }),
    ]
    store.pipelineVariables.add(id, variables)
    expect(store.pipelineVariables.of(id)).toEqual(variables)
  })
})

describe('a job’s status', () => {
  test('changes only from the status that the caller believes it has', () => {
    const store = withProject(open(temporaryFolder()))
    const pipelineId = addPipeline(store)
    const id = addJob(store, pipelineId)
    expect(store.jobs.setStatus({ id, from: 'created', to: 'pending', now: 5 })).toBe(true)
    expect(store.jobs.setStatus({ id, from: 'created', to: 'canceled', now: 6 })).toBe(false)
    expect(store.jobs.find(id)).toMatchObject({ status: 'pending', queuedAt: 5, finishedAt: null })
  })

  test('carries its times, reason and exit code', () => {
    const store = withProject(open(temporaryFolder()))
    const id = addJob(store, addPipeline(store))
    store.jobs.setStatus({ id, from: 'created', to: 'pending', now: 5 })
    store.jobs.setStatus({ id, from: 'pending', to: 'running', now: 6 })
    store.jobs.setStatus({
      id,
      from: 'running',
      to: 'failed',
      now: 9,
      failureReason: 'script_failure',
      exitCode: 42,
    })
    expect(store.jobs.find(id)).toMatchObject({
      queuedAt: 5,
      startedAt: 6,
      finishedAt: 9,
      failureReason: 'script_failure',
      exitCode: 42,
    })
  })
})

function addJob(store: Store, pipelineId: number): number {
  const options = {
    beforeScript: [],
    script: ['true'],
    afterScript: [],
    image: null,
    services: [],
    artifacts: null,
    timeout: null,
    retry: null,
    coverage: null,
    environment: null,
  }
  const stored = {
    options,
    variables: [],
    tags: [],
    dependencies: null,
    parallel: null,
    allowFailureExitCodes: [],
    interruptible: false,
    resourceGroup: null,
  }
  return store.jobs.add(
    {
      pipelineId,
      projectId: 9,
      name: 'test',
      stage: 'test',
      stageIndex: 1,
      when: 'on_success',
      startIn: null,
      allowFailure: false,
      scheduling: 'stage',
      attempt: 1,
      kind: 'build',
      resourceGroup: null,
      environment: null,
      userId: null,
      needs: [{ job: 'build', artifacts: true, optional: false }],
      stored,
    },
    4,
  )
}

describe('traces', () => {
  test('lie in a folder of their month and are appended to', async () => {
    const folder = temporaryFolder()
    const { traces } = open(folder)
    const path = traces.pathOf({ id: 7, createdAt: Date.UTC(2026, 10, 22) })
    expect(path).toBe(join(folder, 'traces', '2026', '11', '7.log'))
    for (const text of ['one\n', 'two\n']) {
      const file = traces.append(path)
      await file.write(Buffer.from(text))
      await file.close()
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
    expect(traces.sizeOf(path)).toBe(8)
  })
})
