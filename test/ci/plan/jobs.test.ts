import { describe, expect, it } from 'vitest'
import { outcomeOf, planOf, variables } from '../support.ts'

describe('parallel', () => {
  it('numbers like jobs', async () => {
    const { jobs } = await planOf('job: {script: x, parallel: 3}')
    expect(jobs.map(({ name, parallel }) => [name, parallel])).toEqual([
      ['job 1/3', { index: 1, total: 3 }],
      ['job 2/3', { index: 2, total: 3 }],
      ['job 3/3', { index: 3, total: 3 }],
    ])
  })

  it('makes job 1/1 of parallel: 1', async () => {
    expect((await planOf('job: {script: x, parallel: 1}')).jobs.map(({ name }) => name)).toEqual(['job 1/1'])
  })

  it('multiplies a matrix, the first identifier varying slowest, rows one after the other', async () => {
    const { jobs } = await planOf(
      'job: {script: x, variables: {A: job}, parallel: {matrix: [{A: [1, 2], B: [x, y]}, {A: 3}]}}',
    )
    expect(jobs.map(({ name, parallel }) => [name, parallel?.index, parallel?.total])).toEqual([
      ['job: [1, x]', 1, 5],
      ['job: [1, y]', 2, 5],
      ['job: [2, x]', 3, 5],
      ['job: [2, y]', 4, 5],
      ['job: [3]', 5, 5],
    ])
    expect(jobs[1]?.variables).toMatchObject([
      { key: 'A', value: '1', origin: 'matrix' },
      { key: 'B', value: 'y', origin: 'matrix' },
    ])
  })
})

describe('needs', () => {
  it('means all instances of a parallel job, in needs and in dependencies', async () => {
    const { jobs } = await planOf(
      'a: {script: x, stage: build, parallel: 2}\nb: {script: x, needs: [{job: a, artifacts: false}]}\nc: {script: x, dependencies: [a]}',
    )
    expect(jobs[2]?.needs).toEqual([
      { job: 'a 1/2', artifacts: false, optional: false },
      { job: 'a 2/2', artifacts: false, optional: false },
    ])
    expect(jobs[3]?.dependencies).toEqual(['a 1/2', 'a 2/2'])
  })

  it('drops an optional need on an absent job', async () => {
    const { jobs } = await planOf(
      'a: {script: x, only: [tags]}\nb: {script: x, needs: [{job: a, optional: true}]}',
    )
    expect(jobs).toMatchObject([{ name: 'b', needs: [], scheduling: 'dag' }])
  })

  it('fails the pipeline for any other absent job, saying what left it out', async () => {
    expect(
      await outcomeOf('build: {script: x, only: [tags]}\ntest: {script: x, needs: [build]}'),
    ).toMatchObject({
      kind: 'invalid',
      diagnostics: [
        {
          code: 'needs.excluded',
          message:
            "'test' job needs 'build' job, but 'build' does not exist in the pipeline. This might be because of the only, except, or rules keywords. To need a job that sometimes does not exist in the pipeline, use needs:optional.",
          help: 'build was left out: only: tags — "main" is a branch, the source is push',
          location: { line: 2 },
        },
      ],
    })
  })

  it('does not judge the needs of a job that is left out itself', async () => {
    expect(
      (await planOf('a: {script: x, only: [tags]}\nb: {script: x, needs: [a], only: [tags]}\nc: {script: x}'))
        .jobs,
    ).toHaveLength(1)
  })

  it('allows 50', async () => {
    const others = (count: number): string =>
      Array.from({ length: count }, (_, n) => `j${n}: {script: x}`).join('\n')
    const needs = (count: number): string =>
      `job: {script: x, needs: [${Array.from({ length: count }, (_, n) => `j${n}`).join(', ')}]}`
    expect((await planOf(`${others(50)}\n${needs(50)}`)).jobs).toHaveLength(51)
    expect(await outcomeOf(`${others(51)}\n${needs(51)}`)).toMatchObject({
      kind: 'invalid',
      diagnostics: [
        {
          message:
            'job: one job can only need 50 others, but you have listed 51. See needs keyword documentation for more details',
        },
      ],
    })
  })

  it.each([
    ['', 'stage'],
    ['needs: []', 'dag'],
    ['needs: [a]', 'dag'],
    ['rules: [{if: $CI_PIPELINE_SOURCE, needs: [a]}]', 'dag'],
    ['rules: [{if: $CI_PIPELINE_SOURCE, needs: []}]', 'stage'],
    ['needs:', 'stage'],
  ])('%s makes scheduling by %s', async (line, scheduling) => {
    const { jobs } = await planOf(`a: {script: x}\njob:\n  script: x\n  ${line}\n`)
    expect(jobs[1]?.scheduling).toBe(scheduling)
  })
})

it('hands on what a runner needs', async () => {
  const { jobs, stages } = await planOf(`
stages: [one, two]
image: img
job:
  stage: two
  script: [s]
  before_script: [b]
  after_script: [a]
  tags: ["$OS", "\${NOPE}", x]
  variables: {OS: linux}
  timeout: 10 min
  retry: {max: 1, when: script_failure, exit_codes: [3]}
  coverage: /cov/
  services: [db]
  artifacts: {paths: [out]}
`)
  expect(stages).toEqual(['two'])
  expect(jobs[0]).toMatchObject({
    stage: 'two',
    stageIndex: 2,
    tags: ['linux', '${NOPE}', 'x'],
    dependencies: null,
    parallel: null,
    resourceGroup: null,
    startIn: null,
    options: {
      beforeScript: ['b'], script: ['s'], afterScript: ['a'], image: 'img', services: ['db'], timeout: 600, coverage: 'cov', environment: null,
      retry: { max: 1, when: ['script_failure'], exitCodes: [3] },
      artifacts: { paths: ['out'], when: 'on_success', expireIn: null },
    },
    verdict: { in: true, location: { file: '.gitlab-ci.yml', line: 4, column: 1 } },
  }) // prettier-ignore
})

it('merges variables by inherit, with their origin', async () => {
  const { jobs } = await planOf(`
variables: {A: global, B: {value: global, expand: false}}
all: {script: x, variables: {A: job, C: job}}
some: {script: x, inherit: {variables: [B]}}
none: {script: x, inherit: {variables: false}, variables: {C: job}}
`)
  expect(
    jobs.map((job) =>
      job.variables.map(({ key, value, origin, raw }) => `${key}=${value} ${origin}${raw ? ' raw' : ''}`),
    ),
  ).toEqual([['A=job job', 'B=global global raw', 'C=job job'], ['B=global global raw'], ['C=job job']])
})

describe('variables in a circle', () => {
  it('fail the pipeline', async () => {
    const outcome = await outcomeOf('variables: {A: $B, B: $A}\njob: {script: x}')
    expect(outcome).toMatchObject({ kind: 'invalid', diagnostics: [{ code: 'variable.cycle' }] })
    expect(outcome.kind === 'invalid' && outcome.diagnostics[0]?.message).toMatch(
      /^job: circular variable reference detected: /,
    )
  })

  it('are no concern when a stronger variable cuts the circle', async () => {
    expect(
      (
        await planOf('variables: {A: $B, B: $A}\njob: {script: x}', {
          above: variables('project', { A: 'plain' }),
        })
      ).jobs,
    ).toHaveLength(1)
  })

  it('are none when one is raw', async () => {
    expect(
      (await planOf('variables: {A: $B, B: {value: $A, expand: false}}\njob: {script: x}')).jobs,
    ).toHaveLength(1)
  })

  it('are none when a variable mentions itself', async () => {
    expect((await planOf('variables: {PATH: "/opt/bin:$PATH"}\njob: {script: x}')).jobs).toHaveLength(1)
  })
})
