import { describe, expect, it } from 'vitest'
import { load } from '../../src/ci/load.ts'

/** What GitLab says of a file, and what it would say next. */
async function saidOf(text: string): Promise<{ now: string[]; later: string[] }> {
  const loaded = await load({ path: '.gitlab-ci.yml', text }, () => Promise.resolve(undefined))
  if (loaded.ok) return { now: [], later: [] }
  const { diagnostics, later = [] } = loaded.error
  return { now: diagnostics.map(({ message }) => message), later: later.map(({ message }) => message) }
}

const WRONG = 'wrong: {script: 1}\n'
const SCRIPT = 'jobs:wrong:script config should be a string or a nested array of strings up to 10 levels deep'

describe('behind the mistakes that GitLab tells first', () => {
  it('are those between the jobs that could be read', async () => {
    const text = `stages: [one, two]\n${WRONG}a: {script: x, stage: three}\nb: {script: x, stage: one, needs: [c, bb]}\nc: {script: x, stage: two, dependencies: [gone]}\n`
    expect(await saidOf(text)).toEqual({
      now: [SCRIPT],
      later: [
        'wrong job: chosen stage test does not exist; available stages are .pre, one, two, .post',
        'a job: chosen stage three does not exist; available stages are .pre, one, two, .post',
        'b job: need c is not defined in current or prior stages',
        'b job: undefined need: bb',
        'c job: undefined dependency: gone',
      ],
    })
  })

  it.each([
    ['a job that could not be read is there', 'a: {script: x, needs: [wrong]}'],
    ['so may be its instances be', 'a: {script: x, needs: ["wrong 1/2"], dependencies: ["wrong 1/2"]}'],
    [
      'its stage could not be read',
      'wrong2: {script: x, needs: [later], stage: 1}\nlater: {script: x, stage: deploy}',
    ],
    [
      'its instances could not be read',
      'm: {script: x, parallel: {matrix: [{A: [1]}]}}\nw: {script: x, parallel: 0, needs: [{job: m, parallel: {matrix: [{A: ["$[[ matrix.A ]]"]}]}}]}',
    ],
    ['it may be the one that stops an environment', 'a: {script: x, environment: {name: y, on_stop: wrong}}'],
    ['stages that could not be read may hold any', 'stages: 5\na: {script: x, stage: z}'],
  ])('nothing is said that is not certain: %s', async (_, text) => {
    expect((await saidOf(`${WRONG}${text}\n`)).later).toEqual([])
  })

  it('nothing stands where all could be read', async () => {
    expect(await saidOf('a: {script: x, needs: [b]}')).toEqual({
      now: ['a job: undefined need: b'],
      later: [],
    })
  })

  it('are those of a job that could not be read in full, from what could', async () => {
    const text = 'a: {script: x, stage: gone, retry: 7}\nb: {script: 1, needs: [gone]}\n'
    expect((await saidOf(text)).later).toEqual([
      'a job: chosen stage gone does not exist; available stages are .pre, build, test, deploy, .post',
      'b job: undefined need: gone',
    ])
  })
})

describe('behind a wrong `extends`', () => {
  const BROKEN = '.b: {extends: .gone}\nx: {extends: .b, script: 1, foo: 1, stage: nowhere, needs: [gone]}\n'
  const NOW = ['.b: unknown keys in `extends` (.gone)']
  const OWN = [
    SCRIPT.replace('wrong', 'x'),
    'jobs:x config contains unknown keys: foo',
    'x job: chosen stage nowhere does not exist; available stages are .pre, build, test, deploy, .post',
  ]

  it('are the problems of the jobs beside it, and what its own jobs say themselves', async () => {
    const text = `${BROKEN}${WRONG}y: {script: x, needs: [gone]}\nz: {script: x, when: sometimes}\n`
    const { now, later } = await saidOf(text)
    expect(now).toEqual(NOW)
    expect(later.toSorted()).toEqual(
      [
        ...OWN,
        SCRIPT,
        'y job: undefined need: gone',
        'jobs:z when should be one of: on_success, on_failure, always, manual, delayed',
      ].toSorted(),
    )
  })

  it.each([
    ['the base may have the script', 'a: {extends: .gone, stage: test}'],
    ['the base may make it a trigger job', 'a: {extends: .gone, needs: [{pipeline: other/project}]}'],
    [
      'the base may complete a hash',
      'a: {extends: .gone, release: {tag_name: x}, cache: {key: {prefix: p}}}',
    ],
    ['the base may have the delay', 'a: {extends: .gone, start_in: 1 day}'],
    ['the base may have the stage', 'stages: [one]\na: {extends: .gone}'],
    ['the base may have the needs', 'b: {script: x}\na: {extends: .gone, dependencies: [b], needs: null}'],
    [
      'somebody may need it',
      'a: {extends: .gone}\nb: {script: x, needs: [a]}\nc: {script: x, dependencies: ["a 1/2"]}',
    ],
    ['a reference may lead to it', 'a: {extends: .gone}\nb: {script: !reference [a, script]}'],
    ['it is the only job', 'a: {extends: .gone}'],
  ])('nothing is said that is not certain: %s', async (_, text) => {
    const { now, later } = await saidOf(text)
    expect(now).toHaveLength(1)
    expect(later).toEqual([])
  })

  it('are the references beside it', async () => {
    expect((await saidOf(`${BROKEN}y: {script: !reference [.none, x]}\n`)).later).toContain(
      '!reference [".none", "x"] could not be found',
    )
  })
})

describe('behind a wrong `!reference`', () => {
  it('are the problems of the other jobs, and what its own job says itself', async () => {
    const text = 'a: {script: !reference [.gone, x], foo: 1, when: !reference [.gone, y]}\nb: {script: 5}\n'
    const { now, later } = await saidOf(text)
    expect(now).toEqual([
      '!reference [".gone", "x"] could not be found',
      '!reference [".gone", "y"] could not be found',
    ])
    expect(later).toEqual([SCRIPT.replace('wrong', 'b'), 'jobs:a config contains unknown keys: foo'])
  })
})

describe('behind a wrong include', () => {
  const NOW = ['Local file `gone.yml` does not exist!']

  it('is what the file says itself, wherever it is used', async () => {
    const text = `include: gone.yml\nstages: [one]\na: {script: 1, foo: 2, extends: .gone}\nb: {stage: two}\nc: {extends: c}\n`
    const { now, later } = await saidOf(text)
    expect(now).toEqual(NOW)
    expect(later).toEqual([
      'c: circular dependency detected in `extends`',
      'jobs:a:script config should be a string or a nested array of strings up to 10 levels deep',
      'jobs:a config contains unknown keys: foo',
      'b job: chosen stage two does not exist; available stages are .pre, one, .post',
    ])
  })

  it.each([
    ['bases', 'a: {extends: .gone, script: x}'],
    ['scripts', 'a: {stage: test}'],
    ['references', 'a: {script: !reference [.gone, script], variables: {A: !reference [.gone, a]}}'],
    ['jobs that are needed', 'a: {script: x, needs: [gone], dependencies: [gone]}'],
    ['stages', 'a: {script: x, stage: gone}'],
    ['what completes a hash', 'a: {script: x, release: {tag_name: v}, environment: {on_stop: b}}'],
    ['jobs at all', '.a: {script: x}'],
    ['an overriding script', '.a: {script: 1}\na: {extends: .a}'],
  ])('nothing is said that is not certain; it may hold %s', async (_, text) => {
    expect(await saidOf(`include: gone.yml\n${text}\n`)).toEqual({ now: NOW, later: [] })
  })
})
