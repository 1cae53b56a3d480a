import { describe, expect, it } from 'vitest'
import { load } from '../../src/ci/load.ts'

/** What GitLab says of a file, and what it would say next. */
async function saidOf(text: string): Promise<{ now: string[]; later: string[] }> {
  const loaded = await load({ path: '.gitlab-ci.yml', text })
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
    ['its own needs and stage are not looked at', 'wrong2: {script: 1, needs: [gone], stage: gone}'],
    ['it may be the one that stops an environment', 'a: {script: x, environment: {name: y, on_stop: wrong}}'],
    ['stages that could not be read may hold any', 'stages: 5\na: {script: x, stage: z}'],
    ['one problem of a job hides its others', 'a: {script: x, stage: gone, retry: 7}'],
  ])('nothing is said that is not certain: %s', async (_, text) => {
    expect((await saidOf(`${WRONG}${text}\n`)).later).toEqual([])
  })

  it('nothing stands where all could be read', async () => {
    expect(await saidOf('a: {script: x, needs: [b]}')).toEqual({
      now: ['a job: undefined need: b'],
      later: [],
    })
  })
})
