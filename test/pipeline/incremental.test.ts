// The end of a job must not cost a look at all jobs of its pipeline: large pipelines would take quadratic time.
import { describe, expect, test, vi } from 'vitest'
import { buildGraph } from '../../src/pipeline/graph.ts'
import { testEngine } from '../support/engine.ts'

const chain = Array.from({ length: 30 }, (_, index) =>
  index === 0 ? 'j0: {script: [x], needs: []}' : `j${index}: {script: [x], needs: [j${index - 1}]}`,
).join('\n')

describe.each([
  ['chained by needs', chain],
  ['in one stage', chain.replaceAll(/, needs: \[.*\]/g, '')],
  ['of one resource group', chain.replaceAll(/needs: \[.*\]/g, 'resource_group: g')],
])('jobs %s', (_, yaml) => {
  test('end without a look at all the others', async () => {
    const t = testEngine(yaml)
    const id = await t.create()
    const settled = t.engine.settled(id)
    const whole = (['headsOf', 'needsOfPipeline', 'ofPipeline', 'figuresOf', 'filesOf'] as const).map(
      (name) => vi.spyOn(t.store.jobs, name),
    )
    for (let index = 0; index < 30; index++) await t.finish(`j${index}`)
    expect(await settled).toMatchObject({ status: 'success' })
    expect(whole.map((each) => each.mock.calls.length)).toEqual([0, 0, 0, 0, 0])
  })
})

test('a change looks at the first undecided stage, not at all stages', () => {
  const stages = 400
  const graph = buildGraph(
    Array.from({ length: stages }, (_, index) => ({
      id: index,
      name: `j${index}`,
      stageIndex: index,
      when: 'on_success' as const,
      allowFailure: false,
      scheduling: 'stage' as const,
      needs: [],
      status: 'created' as const,
    })),
  )
  let moves = 0
  for (let index = 0; index < stages; index++) {
    const found = graph.advance()
    moves += found.length
    expect(found).toEqual([{ jobId: index, to: 'pending' }])
    graph.change(index, 'success')
  }
  expect(moves).toBe(stages)
  expect(graph.status()).toBe('success')
})
