import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JobNode } from '../../src/model/job.ts'
import type { Status } from '../../src/model/status.ts'
import { compositeStatus, countedStatus } from '../../src/pipeline/composite-status.ts'
import { buildGraph } from '../../src/pipeline/graph.ts'
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
          for (;;) {
            const expected = slowTransitions(model)
            expect(new Map(graph.advance().map(({ jobId, to }) => [jobId, to]))).toEqual(expected)
            expect(graph.status()).toBe(compositeStatus(new Set(model.map(countedStatus))))
            const open = model.filter((each) =>
              ['pending', 'running', 'manual', 'scheduled'].includes(each.status),
            )
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
