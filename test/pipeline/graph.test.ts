import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JobNode } from '../../src/model/job.ts'
import type { Status } from '../../src/model/status.ts'
import { compositeStatus, countedStatus } from '../../src/pipeline/composite-status.ts'
import { buildGraph, type PipelineGraph } from '../../src/pipeline/graph.ts'
import { slowTransitions } from './slow-model.ts'

function job(id: number, more: Partial<JobNode> = {}): JobNode {
  return {
    id,
    name: `job-${id}`,
    stageIndex: 0,
    when: 'on_success',
    allowFailure: false,
    scheduling: 'stage',
    needs: [],
    status: 'created',
    ...more,
  }
}

function moves(jobs: readonly JobNode[]): Record<number, string> {
  return Object.fromEntries(
    buildGraph(jobs)
      .advance()
      .map(({ jobId, to }) => [jobId, to]),
  )
}

describe('what moves', () => {
  test('stages wait for the stages before them', () => {
    expect(moves([job(1), job(2, { stageIndex: 1 })])).toEqual({ 1: 'pending' })
    expect(moves([job(1, { status: 'success' }), job(2, { stageIndex: 1 })])).toEqual({ 2: 'pending' })
  })

  test('a canceled job skips everything after it, even `always`', () => {
    expect(moves([job(1, { status: 'canceled' }), job(2, { stageIndex: 1, when: 'always' })])).toEqual({
      2: 'skipped',
    })
  })

  test('a canceled job with allow_failure counts as a warning and does not', () => {
    expect(moves([job(1, { status: 'canceled', allowFailure: true }), job(2, { stageIndex: 1 })])).toEqual({
      2: 'pending',
    })
  })

  test('on_failure does not run for an allowed failure', () => {
    expect(
      moves([
        job(1, { status: 'failed', allowFailure: true }),
        job(2, { stageIndex: 1, when: 'on_failure' }),
      ]),
    ).toEqual({ 2: 'skipped' })
  })

  test('a stage of optional manual jobs lets later stages run', () => {
    expect(moves([job(1, { when: 'manual', allowFailure: true }), job(2, { stageIndex: 1 })])).toEqual({
      1: 'manual',
      2: 'pending',
    })
  })

  test('a blocking manual job holds later stages', () => {
    expect(moves([job(1, { when: 'manual' }), job(2, { stageIndex: 1 })])).toEqual({ 1: 'manual' })
  })

  test('who needs an unplayed optional manual job is skipped at once, `always` runs', () => {
    const manual = job(1, { when: 'manual', allowFailure: true })
    const needs = { scheduling: 'dag', needs: [1] } as const
    expect(moves([manual, job(2, needs), job(3, { ...needs, when: 'always' })])).toEqual({
      1: 'manual',
      2: 'skipped',
      3: 'pending',
    })
  })

  test('who needs a blocking manual job waits', () => {
    expect(moves([job(1, { when: 'manual' }), job(2, { scheduling: 'dag', needs: [1] })])).toEqual({
      1: 'manual',
    })
  })

  test('needs do not wait for earlier stages', () => {
    expect(
      moves([job(1, { status: 'running' }), job(2, { stageIndex: 1, scheduling: 'dag', needs: [] })]),
    ).toEqual({ 2: 'pending' })
  })

  test('one need failed, another runs: wait', () => {
    const jobs = [
      job(1, { status: 'failed' }),
      job(2, { status: 'running' }),
      job(3, { stageIndex: 1, scheduling: 'dag', needs: [1, 2] }),
    ]
    expect(moves(jobs)).toEqual({})
  })

  test('on_failure with a failed and a skipped need is skipped', () => {
    const jobs = [
      job(1, { status: 'failed' }),
      job(2, { status: 'skipped' }),
      job(3, { scheduling: 'dag', needs: [1, 2], when: 'on_failure' }),
    ]
    expect(moves(jobs)).toEqual({ 3: 'skipped' })
  })

  test('on_failure does not run when nothing has failed, and runs when something has', () => {
    const after = job(2, { stageIndex: 1, when: 'on_failure' })
    expect(moves([job(1, { status: 'success' }), after])).toEqual({ 2: 'skipped' })
    expect(moves([job(1, { status: 'failed' }), after])).toEqual({ 2: 'pending' })
  })

  test('a failure of a job with needs counts for its stage', () => {
    const jobs = [
      job(1, { stageIndex: 1, scheduling: 'dag', status: 'failed' }),
      job(2, { status: 'success' }),
      job(3, { stageIndex: 2 }),
      job(4, { stageIndex: 2, when: 'on_failure' }),
    ]
    expect(moves(jobs)).toEqual({ 3: 'skipped', 4: 'pending' })
  })

  test('a stage job waits for a job with needs in an earlier stage', () => {
    const jobs = [
      job(1, { status: 'success' }),
      job(2, { stageIndex: 1, scheduling: 'dag', needs: [1], status: 'running' }),
      job(3, { stageIndex: 2 }),
    ]
    expect(moves(jobs)).toEqual({})
    expect(
      moves(jobs.map((each) => (each.id === 2 ? { ...each, status: 'success' as const } : each))),
    ).toEqual({
      3: 'pending',
    })
  })

  test('needs may be in the same stage', () => {
    expect(moves([job(1, { status: 'success' }), job(2, { scheduling: 'dag', needs: [1] })])).toEqual({
      2: 'pending',
    })
  })

  test('what is skipped counts for later jobs of the same pass', () => {
    const jobs = [
      job(1, { status: 'failed' }),
      job(2, { stageIndex: 1 }),
      job(3, { stageIndex: 2, scheduling: 'dag', needs: [2] }),
      job(4, { stageIndex: 2, scheduling: 'dag', needs: [2], when: 'always' }),
      job(5, { stageIndex: 3, when: 'always' }),
    ]
    expect(moves(jobs)).toEqual({ 2: 'skipped', 3: 'skipped', 4: 'pending' })
  })

  test('a retried job of an earlier stage holds later ones again', () => {
    const graph = buildGraph([
      job(1, { status: 'success' }),
      job(2, { stageIndex: 1, status: 'success' }),
      job(3, { stageIndex: 2, status: 'success' }),
    ])
    expect(graph.status()).toBe('success')
    graph.replace(1, 9)
    expect(graph.advance()).toEqual([{ jobId: 9, to: 'pending' }])
    graph.replace(3, 10)
    expect(graph.advance()).toEqual([])
    graph.change(9, 'success')
    expect(graph.advance()).toEqual([{ jobId: 10, to: 'pending' }])
  })

  test.each([
    ['manual', 'pending'],
    ['delayed', 'pending'],
    ['on_success', 'pending'],
  ] as const)('a %s job that somebody asked for is not held', (when, to) => {
    expect(moves([job(1, { status: 'success' }), job(2, { stageIndex: 1, when, enqueueNow: true })])).toEqual(
      {
        2: to,
      },
    )
    expect(moves([job(1, { status: 'failed' }), job(2, { stageIndex: 1, when, enqueueNow: true })])).toEqual({
      2: 'skipped',
    })
  })

  test('says whether any job is in one of some statuses', () => {
    const graph = buildGraph([job(1, { status: 'manual' }), job(2, { status: 'success' })])
    expect([graph.hasAny(['running', 'manual']), graph.hasAny(['running'])]).toEqual([true, false])
  })

  test('a new attempt takes the place of the old one', () => {
    const graph = buildGraph([job(1, { status: 'running' }), job(2, { stageIndex: 1 })])
    graph.replace(1, 9)
    expect(graph.advance()).toEqual([{ jobId: 9, to: 'pending' }])
    graph.change(9, 'running')
    graph.change(9, 'success')
    expect(graph.advance()).toEqual([{ jobId: 2, to: 'pending' }])
  })

  test('finds the skipped jobs that come after one', () => {
    const graph = buildGraph([
      job(1, { status: 'failed' }),
      job(2, { stageIndex: 1, status: 'skipped' }),
      job(3, { scheduling: 'dag', needs: [1], status: 'skipped' }),
      job(4, { scheduling: 'dag', needs: [3], status: 'skipped' }),
      job(5, { scheduling: 'dag', needs: [], status: 'skipped' }),
    ])
    expect(graph.skippedAfter(1)).toEqual([2, 3, 4])
    // GitLab: everything in later stages, whatever it needs.
    const later = buildGraph([
      job(1, { status: 'failed' }),
      job(2, { stageIndex: 1, scheduling: 'dag', needs: [], status: 'skipped' }),
    ])
    expect(later.skippedAfter(1)).toEqual([2])
  })
})

const anyJobs = fc
  .array(
    fc.record({
      stageIndex: fc.nat(3),
      when: fc.constantFrom('on_success', 'on_failure', 'always', 'manual', 'delayed') as fc.Arbitrary<
        JobNode['when']
      >,
      allowFailure: fc.boolean(),
      dag: fc.boolean(),
      needs: fc.array(fc.nat(20), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((rows) =>
    rows.map((row, index) =>
      job(index + 1, {
        stageIndex: row.stageIndex,
        when: row.when,
        allowFailure: row.allowFailure,
        scheduling: row.dag ? 'dag' : 'stage',
        needs: row.dag ? [...new Set(row.needs.filter((need) => need < index).map((need) => need + 1))] : [],
      }),
    ),
  )

/** A person retries a job that has ended: it and all that was skipped after it start anew. */
function retry(graph: PipelineGraph, model: JobNode[], id: number): void {
  graph.replace(id, id)
  const skipped = graph.skippedAfter(id)
  for (const other of skipped) graph.change(other, 'created')
  for (const other of [id, ...skipped]) {
    const before = model[other - 1]
    if (before) model[other - 1] = { ...before, status: 'created' }
  }
}

const endings = fc.constantFrom<Status>('success', 'failed', 'canceled', 'success', 'success')

describe('the graph agrees with the slow model', () => {
  test('through whole pipelines, whatever order jobs end in', () => {
    fc.assert(
      fc.property(
        anyJobs,
        fc.infiniteStream(fc.nat(1000)),
        fc.infiniteStream(endings),
        (jobs, picks, ends) => {
          const graph = buildGraph(jobs)
          const model = jobs.map((each) => ({ ...each }))
          let retries = 3
          for (;;) {
            const expected = slowTransitions(model)
            expect(new Map(graph.advance().map(({ jobId, to }) => [jobId, to]))).toEqual(expected)
            expect(graph.status()).toBe(compositeStatus(new Set(model.map(countedStatus))))
            const open = model.filter((each) =>
              ['pending', 'running', 'manual', 'scheduled'].includes(each.status),
            )
            const ended = model.filter((each) => ['success', 'failed', 'canceled'].includes(each.status))
            const again = ended[(picks.next().value ?? 0) % Math.max(1, ended.length)]
            if (again && retries > 0 && (picks.next().value ?? 0) % 4 === 0) {
              retries--
              retry(graph, model, again.id)
              continue
            }
            if (open.length === 0) return
            const chosen = open[(picks.next().value ?? 0) % open.length]
            if (!chosen) return
            const next =
              chosen.status === 'running'
                ? (ends.next().value ?? 'success')
                : chosen.status === 'pending'
                  ? 'running'
                  : 'pending'
            graph.change(chosen.id, next)
            model[chosen.id - 1] = { ...chosen, status: next }
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})
