import { describe, expect, test } from 'vitest'
import type { CreatePipelineCommand } from '../../src/model/command.ts'
import { ZERO_SHA } from '../../src/model/pipeline.ts'
import { failed, SHA, testEngine, type TestEngine } from '../support/engine.ts'

const OLD = 'b'.repeat(40)
const OLDER = 'c'.repeat(40)

/** `main` points to `SHA`. */
function commit(sha: string, ref = 'main'): Partial<CreatePipelineCommand> {
  return { checkout: { kind: 'commit', ref, tag: false, sha, snapshotSha: null, beforeSha: ZERO_SHA } }
}

async function push(t: TestEngine, sha = SHA, ref = 'main'): Promise<number> {
  const id = await t.create(commit(sha, ref))
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  return id
}

const header = (mode: string): string => `workflow: {auto_cancel: {on_new_commit: ${mode}}}\n`

/** One job runs, one waits. */
const two = (running: boolean, waiting: boolean): string => `
running: {script: [a], interruptible: ${running}}
waiting: {stage: deploy, script: [b], interruptible: ${waiting}}
`

describe('a new commit, on an older pipeline of its ref', () => {
  test.each([
    ['by default, when nothing has started', two(false, false), false, ['canceled', 'canceled']],
    [
      'by default, when what has started may be interrupted',
      two(true, false),
      true,
      ['canceling', 'canceled'],
    ],
    ['by default, not when a job that may not has started', two(false, true), true, ['running', 'created']],
    ['conservative', header('conservative') + two(false, true), true, ['running', 'created']],
    [
      'interruptible: those jobs alone',
      header('interruptible') + two(false, true),
      true,
      ['running', 'canceled'],
    ],
    [
      'interruptible: those that run',
      header('interruptible') + two(true, false),
      true,
      ['canceling', 'created'],
    ],
    ['interruptible: none', header('interruptible') + two(false, false), false, ['pending', 'created']],
    ['none', header('none') + two(true, true), false, ['pending', 'created']],
  ])('cancels %s', async (_, yaml, started, [running, waiting]) => {
    const t = testEngine(yaml)
    const old = await push(t, OLD)
    if (started) await t.take()
    await push(t)
    expect(t.statuses(old)).toEqual({ running, waiting })
  })

  test.each(['success', 'failed'] as const)(
    'nothing after a job that may not be interrupted: %s',
    async (end) => {
      const t = testEngine('a: {script: [a]}\nb: {script: [b], interruptible: true}')
      const old = await push(t, OLD)
      await t.finish('a', end === 'failed' ? failed() : { state: 'success' })
      await push(t)
      expect(t.statuses(old)).toEqual({ a: end, b: 'pending' })
    },
  )

  test('nothing of the same commit, of another ref, or of a newer pipeline', async () => {
    const t = testEngine('a: {script: [a]}')
    const same = await push(t)
    const other = await push(t, OLD, 'feature/x')
    await push(t)
    expect([t.statuses(same), t.statuses(other)]).toEqual([{ a: 'pending' }, { a: 'pending' }])
  })

  test('nothing on the commit that the ref points to, when an older commit is run again', async () => {
    const t = testEngine('a: {script: [a]}')
    const head = await push(t)
    const old = await push(t, OLDER)
    await push(t, OLD)
    expect([t.statuses(head), t.statuses(old)]).toEqual([{ a: 'pending' }, { a: 'canceled' }])
  })

  test('nothing that is older than seven days', async () => {
    const t = testEngine('a: {script: [a]}')
    const week = await push(t, OLD)
    t.clock.advance(7 * 86_400_000 + 1)
    const recent = await push(t, OLDER)
    await push(t)
    expect([t.statuses(week), t.statuses(recent)]).toEqual([{ a: 'pending' }, { a: 'canceled' }])
  })

  test('as the workflow rule says that matched', async () => {
    const t = testEngine(`
workflow:
  auto_cancel: {on_new_commit: none}
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
      auto_cancel: {on_new_commit: interruptible}
a: {script: [a], interruptible: true}
`)
    const old = await push(t, OLD)
    await push(t)
    expect(t.statuses(old)).toEqual({ a: 'canceled' })
  })
})

test('an older root takes its children with it, each as it says itself', async () => {
  const child = 'inner: {script: [x], interruptible: true}\n'
  const t = testEngine('start: {trigger: {include: child.yml}}\n', { files: { 'child.yml': child } })
  const old = await push(t, OLD)
  const [childId] = t.store.pipelines.childrenOf(old)
  if (childId === undefined) throw new Error('no child')
  expect(t.statuses(childId)).toEqual({ inner: 'pending' })
  await push(t)
  expect(t.statuses(childId)).toEqual({ inner: 'canceled' })
})

describe('on_job_failure: all', () => {
  const yaml = (more: string): string => `
workflow: {auto_cancel: {on_job_failure: all}}
a: {script: [a]${more}}
b: {stage: deploy, script: [b], when: always}
c: {stage: deploy, script: [c], when: manual}
`
  test.each([
    ['a failure that counts', '', { a: 'failed', b: 'canceled', c: 'skipped' }],
    ['not one that is allowed', ', allow_failure: true', { a: 'failed', b: 'pending', c: 'manual' }],
    [
      'not one whose code is allowed',
      ', allow_failure: {exit_codes: [1]}',
      { a: 'failed', b: 'pending', c: 'manual' },
    ],
    ['not one that is tried again', ', retry: 1', { a: 'pending', b: 'created', c: 'created' }],
  ])('cancels the rest after %s', async (_, more, expected) => {
    const t = testEngine(yaml(more))
    const id = await t.create()
    await t.finish('a', failed())
    expect(t.statuses(id)).toEqual(expected)
  })

  test('in the transaction that records the failure: a process that dies behind it has cancelled them', async () => {
    const t = testEngine(yaml(''))
    const id = await t.create()
    const { write } = t.store
    const committed: Record<string, string>[] = []
    let depth = 0
    const watched: typeof write = (durability, work) => {
      depth++
      try {
        return write(durability, work)
      } finally {
        if (--depth === 0) committed.push(t.statuses(id))
      }
    }
    Object.assign(t.store, { write: watched })
    await t.finish('a', failed())
    expect(committed.filter(({ a }) => a === 'failed')).toContainEqual({
      a: 'failed',
      b: 'canceled',
      c: 'skipped',
    })
    expect(committed.filter(({ a, b }) => a === 'failed' && b !== 'canceled')).toEqual([])
  })

  test('also when no runner reported the failure', async () => {
    const t = testEngine(yaml(''))
    const id = await t.create()
    t.engine.recover('serve')
    t.clock.advance(24 * 3_600_000 + 1)
    expect(t.statuses(id)).toEqual({ a: 'failed', b: 'canceled', c: 'skipped' })
  })
})
