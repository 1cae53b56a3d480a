import { describe, expect, it } from 'vitest'
import { selectJobs } from '../../src/ci/select.ts'
import { planOf } from './support.ts'

const text = `
stages: [build, test, deploy]
compile: {script: x, stage: build}
unit: {script: x, stage: test, needs: [compile], parallel: 2}
unit-slow: {script: x, stage: test}
lint: {script: x, stage: test, dependencies: [compile]}
e2e: {script: x, stage: test, only: [tags]}
ship: {script: x, stage: deploy, when: manual}
`
const event = { source: 'push', ref: 'main' }

async function select(...names: string[]) {
  return selectJobs(await planOf(text), names, event)
}

describe('selects', () => {
  it.each([
    [['compile'], ['compile']],
    [['unit'], ['unit 1/2', 'unit 2/2']],
    [['unit 2/2'], ['unit 2/2']],
    [['unit*'], ['unit 1/2', 'unit 2/2', 'unit-slow']],
    [['*i*t*'], ['unit 1/2', 'unit 2/2', 'unit-slow', 'lint']],
    [
      ['ship', 'compile'],
      ['compile', 'ship'],
    ],
  ])('%j', async (names, jobs) => {
    const selected = await select(...names)
    expect(selected.ok && selected.value.jobs.map(({ name }) => name)).toEqual(jobs)
  })

  it('with the stages that are left', async () => {
    const selected = await select('ship')
    expect(selected.ok && selected.value.stages).toEqual(['deploy'])
  })

  it('without edges to jobs that were not named', async () => {
    const alone = await select('unit', 'lint')
    expect(
      alone.ok && alone.value.jobs.map(({ needs, dependencies }) => [needs.length, dependencies]),
    ).toEqual([
      [0, null],
      [0, null],
      [0, []],
    ])
    const both = await select('unit', 'compile')
    expect(both.ok && both.value.jobs.map(({ needs }) => needs.map(({ job }) => job))).toEqual([
      [],
      ['compile'],
      ['compile'],
    ])
  })

  it('a manual job to run at once', async () => {
    const selected = await select('ship')
    expect(selected.ok && selected.value.jobs[0]?.when).toBe('on_success')
  })
})

describe('refuses', () => {
  it('a name that is close to another', async () => {
    expect(await select('untt')).toEqual({
      ok: false,
      error: {
        message: 'no job "untt" for push on main',
        detail: 'Close: unit. In the file but left out by rules: e2e (`sluice explain job e2e`).',
      },
    })
  })

  it('a job that rules left out, with the rule', async () => {
    expect(await select('e2e')).toEqual({
      ok: false,
      error: {
        message: 'no job "e2e" for push on main',
        detail:
          'In the file but left out by rules: e2e (`sluice explain job e2e`). only: tags — "main" is a branch, the source is push (.gitlab-ci.yml:7).',
      },
    })
  })

  it('a name like none', async () => {
    const plan = await planOf('a: {script: x}\nb: {script: x}')
    expect(selectJobs(plan, ['something-else'], event)).toEqual({
      ok: false,
      error: { message: 'no job "something-else" for push on main', detail: 'There are: a, b.' },
    })
  })
})
