// extends, !reference, default and inherit, in GitLab's order.
import { describe, expect, it } from 'vitest'
import type { JobKeywords } from '../../../src/ci/config.ts'
import { configOf, diagnosticsOf, messagesOf } from '../support.ts'

async function jobIn(text: string, name = 'job'): Promise<JobKeywords> {
  return (await configOf(text)).jobs.get(name)?.keywords ?? {}
}

const values = (keywords: JobKeywords): Record<string, string> =>
  Object.fromEntries((keywords.variables ?? []).map(({ key, value }) => [key, value]))

describe('extends', () => {
  it('merges hashes deeply, replaces lists, and lets the job win over later over earlier bases', async () => {
    const job = await jobIn(`
.a: {script: [a], variables: {A: a, B: a, C: a}, tags: [a]}
.b: {script: [b], variables: {B: b, C: b}, when: always}
job: {extends: [.a, .b], variables: {C: job}, tags: [x, y]}`)
    expect(job).toMatchObject({ script: ['b'], tags: ['x', 'y'], when: 'always' })
    expect(values(job)).toEqual({ A: 'a', B: 'b', C: 'job' })
  })

  it('drops an inherited key set to null', async () => {
    const job = await jobIn('.a: {script: [a], variables: {A: a}}\njob: {extends: .a, variables: null}')
    expect(job).not.toHaveProperty('variables')
  })

  it('does not clear a hash with {} but a list with []', async () => {
    const job = await jobIn(
      '.a: {script: [a], variables: {A: a}, tags: [t]}\njob: {extends: .a, variables: {}, tags: []}',
    )
    expect(values(job)).toEqual({ A: 'a' })
    expect(job.tags).toEqual([])
  })

  it('takes visible jobs as bases', async () => {
    expect(await jobIn('base: {script: [b]}\njob: {extends: base}')).toMatchObject({ script: ['b'] })
  })

  const chain = (levels: number): string =>
    Array.from({ length: levels }, (_, n) => `${n === 0 ? 'job' : `.l${n}`}: {extends: .l${n + 1}}`).join(
      '\n',
    ) + `\n.l${levels}: {script: x}`

  it('works through 11 levels', async () => {
    expect(await jobIn(chain(11))).toMatchObject({ script: ['x'] })
  })

  it('refuses 12, naming the deepest', async () => {
    expect(await messagesOf(chain(12))).toEqual(['.l11: nesting too deep in `extends`'])
  })

  it('reports each job that is wrong itself, and not those that build on it', async () => {
    expect(await messagesOf('.a: {extends: .x}\n.b: {extends: .y}\njob: {extends: .a, script: s}')).toEqual([
      '.a: unknown keys in `extends` (.x)',
      '.b: unknown keys in `extends` (.y)',
    ])
  })

  it('suggests the hidden name', async () => {
    expect(await diagnosticsOf('.base: {script: x}\njob: {extends: base}')).toMatchObject([
      { code: 'extends.unknown', help: 'did you mean ".base"?' },
    ])
  })
})

describe('!reference', () => {
  it('stands for a keyword, and for items of a list that is flattened', async () => {
    const job = await jobIn(`
.setup: {script: [one, two], variables: {URL: u}, rules: [{if: $A}]}
.more: {script: [!reference [.setup, script], three]}
job:
  script: [!reference [.more, script], four]
  variables: {URL: !reference [.setup, variables, URL]}
  rules: [!reference [.setup, rules], {when: manual}]`)
    expect(job.script).toEqual(['one', 'two', 'three', 'four'])
    expect(values(job)).toEqual({ URL: 'u' })
    expect(job.rules).toHaveLength(2)
  })

  it('sees what extends has made', async () => {
    expect(
      await jobIn('.a: {script: [a]}\n.b: {extends: .a}\njob: {script: !reference [.b, script]}'),
    ).toMatchObject({ script: ['a'] })
  })

  it('replaces a hash in a merge as a whole', async () => {
    const job = await jobIn(
      '.v: {A: v}\n.a: {script: x, variables: {B: a}}\njob: {extends: .a, variables: !reference [.v]}',
    )
    expect(values(job)).toEqual({ A: 'v' })
  })

  it('fails in hidden keys too', async () => {
    expect(await messagesOf('.a: {script: !reference [.b, script]}\njob: {script: x}')).toEqual([
      '!reference [".b", "script"] could not be found',
    ])
  })

  it('does not flatten a matrix', async () => {
    expect(
      await messagesOf('.m: {list: [{A: b}]}\njob: {script: x, parallel: {matrix: [!reference [.m, list]]}}'),
    ).toEqual(['jobs:job:parallel:matrix config should be an array of hashes'])
  })

  it('asks whether the dot is missing', async () => {
    expect(
      await diagnosticsOf('.setup: {script: x}\njob: {script: !reference [setup, script]}'),
    ).toMatchObject([{ help: '".setup" exists; is that what is meant?' }])
  })

  it('refuses a chain of 10,000 without overflowing', async () => {
    const links = Array.from(
      { length: 10_000 },
      (_, n) => `.l${n}: {script: !reference [.l${n + 1}, script]}`,
    )
    const found = await diagnosticsOf(
      `job: {script: !reference [.l0, script]}\n${links.join('\n')}\n.l10000: {script: x}`,
    )
    expect(found[0]?.code).toBe('reference.depth')
  })
})

describe('default', () => {
  it('comes into jobs that do not say the keyword, and is never merged', async () => {
    const text = `
default: {image: d, before_script: [d], artifacts: {paths: [d]}, tags: [d], timeout: 1h, retry: 1, interruptible: true, services: [s], after_script: [e]}
job: {script: x}
own: {script: x, before_script: [], artifacts: {name: n}, image: null, interruptible: false}`
    expect(await jobIn(text)).toMatchObject({
      image: 'd', before_script: ['d'], after_script: ['e'], tags: ['d'], timeout: 3600, interruptible: true, services: ['s'],
      artifacts: { paths: ['d'] }, retry: { max: 1 },
    }) // prettier-ignore
    expect(await jobIn(text, 'own')).toMatchObject({
      before_script: [],
      artifacts: { name: 'n', paths: [] },
      image: 'd',
      interruptible: false,
    })
  })

  it('is also what the deprecated top-level keywords mean', async () => {
    expect(await jobIn('image: i\nbefore_script: [b]\nservices: [s]\nafter_script: [a]\njob: {script: x}')).toMatchObject({
      image: 'i', before_script: ['b'], services: ['s'], after_script: ['a'],
    }) // prettier-ignore
  })

  it.each([
    ['inherit: {default: false}', undefined, undefined],
    ['inherit: {default: [image]}', 'd', undefined],
    ['inherit: {default: true}', 'd', ['b']],
    ['inherit: {variables: false}', 'd', ['b']],
  ])('%s', async (inherit, image, before) => {
    const job = await jobIn(`default: {image: d, before_script: [b]}\njob: {script: x, ${inherit}}`)
    expect([job.image, job.before_script]).toEqual([image, before])
  })

  it('may be the name of a job that looks like one', async () => {
    expect([...(await configOf('default: {script: x}')).jobs.keys()]).toEqual(['default'])
  })
})

describe('stages', () => {
  it.each([
    ['', ['.pre', 'build', 'test', 'deploy', '.post']],
    ['stages: [a, [b, c], test]', ['.pre', 'a', 'b', 'c', 'test', '.post']],
    ['stages: [.post, test, .pre]', ['.pre', 'test', '.post']],
  ])('%s', async (line, stages) => {
    expect((await configOf(`${line}\njob: {script: x}`)).stages).toEqual(stages)
  })
})

it('keeps jobs in the order written, integer-like names too', async () => {
  expect([...(await configOf('"10": {script: x}\nb: {script: x}\n"2": {script: x}')).jobs.keys()]).toEqual([
    '10',
    'b',
    '2',
  ])
})

it('warns of a last rule that is only `when`', async () => {
  const { warnings } = await configOf('job:\n  script: x\n  rules:\n    - if: $A\n    - when: always\n')
  expect(warnings).toMatchObject([
    { severity: 'warning', code: 'rules.duplicate_pipelines', location: { line: 5, column: 7 } },
  ])
})

it.each([
  ['with workflow:rules', 'workflow: {rules: [{when: always}]}\njob: {script: x, rules: [{when: always}]}'],
  ['when it says never', 'job: {script: x, rules: [{if: $A}, {when: never}]}'],
  ['when it asks something', 'job: {script: x, rules: [{if: $A, when: always}]}'],
])('does not warn %s', async (_title, text) => {
  expect((await configOf(text)).warnings).toEqual([])
})
