// The checks between jobs, which GitLab makes only when every entry is valid.
import { describe, expect, it } from 'vitest'
import { diagnosticsOf, messagesOf } from '../support.ts'

const rows: [title: string, text: string, ...messages: string[]][] = [
  [
    'an undeclared stage',
    'rspec: {script: x, stage: acceptance}',
    'rspec job: chosen stage acceptance does not exist; available stages are .pre, build, test, deploy, .post',
  ],
  [
    'stages without test',
    'stages: [build]\nrspec: {script: x}',
    'rspec job: chosen stage test does not exist; available stages are .pre, build, .post',
  ],
  [
    'an undefined dependency',
    'rspec: {script: x, dependencies: [foo]}',
    'rspec job: undefined dependency: foo',
  ],
  [
    'a dependency in a later stage',
    'rspec: {script: x, stage: build, dependencies: [foo]}\nfoo: {script: x, stage: deploy}',
    'rspec job: dependency foo is not defined in current or prior stages',
  ],
  ['an undefined need', 'test1: {script: x, needs: [foo]}', 'test1 job: undefined need: foo'],
  [
    'a need in a later stage',
    'test1: {script: x, needs: [deploy]}\ndeploy: {script: x, stage: deploy}',
    'test1 job: need deploy is not defined in current or prior stages',
  ],
  [
    'an undefined need of a rule',
    'test1: {script: x, rules: [{if: $A, needs: [foo]}]}',
    'test1 job: undefined need: foo',
  ],
  [
    'the same need twice',
    'build1: {script: x, stage: build}\ntest1: {script: x, needs: [build1, {job: build1, artifacts: false}]}',
    'test1 has the following needs duplicated: build1.',
  ],
  [
    'a need on itself',
    'job: {script: x, needs: [job]}',
    'The pipeline has circular dependencies: self-dependency: job',
  ],
  [
    'a circle',
    'job_a: {script: x, needs: [job_c]}\njob_b: {script: x, needs: [job_a]}\njob_c: {script: x, needs: [job_b]}',
    'The pipeline has circular dependencies: topological sort failed: ["job_a", "job_c", "job_b"]',
  ],
  [
    'a later stage of a parallel group',
    'test1: {script: x, needs: [deploy]}\ndeploy: {script: x, stage: deploy, parallel: 2}',
    'test1 job: need deploy 1/2 is not defined in current or prior stages',
  ],
]

describe('the sentence for', () => {
  it.each(rows)('%s', async (_title, text, ...messages) => {
    expect(await messagesOf(text)).toEqual(messages)
  })
})

it.each([
  ['an optional need that does not exist', 'test1: {script: x, needs: [{job: foo, optional: true}]}'],
  ['a need in the same stage', 'a: {script: x}\nb: {script: x, needs: [a]}'],
  ['a need on a parallel group', 'a: {script: x, parallel: 3}\nb: {script: x, needs: [a]}'],
  ['a need on one instance', 'a: {script: x, parallel: 3}\nb: {script: x, needs: ["a 1/3"]}'],
  [
    'a need on a matrix instance',
    'a: {script: x, parallel: {matrix: [{P: [aws]}]}}\nb: {script: x, needs: ["a: [aws]"]}',
  ],
  ['edge stages', 'a: {script: x, stage: .pre}\nb: {script: x, stage: .post}\nc: {script: x}'],
])('%s is fine', async (_title, text) => {
  expect(await messagesOf(text)).toEqual([])
})

it('is silent while an entry is wrong', async () => {
  expect(await messagesOf('a: {script: x, stage: nowhere, foo: 1}')).toEqual([
    'jobs:a config contains unknown keys: foo',
  ])
})

it('names what is close, with its line', async () => {
  const [found] = await diagnosticsOf('build: {script: x, stage: build}\ntest: {script: x, needs: [biuld]}\n')
  expect(found).toMatchObject({
    code: 'needs.unknown',
    message: 'test job: undefined need: biuld',
    help: 'no job has this name; "build" (line 1) is close',
    location: { file: '.gitlab-ci.yml', line: 2, column: 27, endLine: 2, endColumn: 32 },
  })
})

it('finds a circle of 10,000 jobs without overflowing', async () => {
  const jobs = Array.from({ length: 10_000 }, (_, n) => `j${n}: {script: x, needs: [j${(n + 1) % 10_000}]}`)
  expect((await diagnosticsOf(jobs.join('\n'))).map(({ code }) => code)).toEqual(['needs.cycle'])
})
