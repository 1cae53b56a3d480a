// What is read but has less effect here is never silently ignored: a notice for the job's log, or a refusal when a pipeline is created.
import { describe, expect, it } from 'vitest'
import { plan } from '../../src/ci/plan.ts'
import { refusedIn } from '../../src/ci/refused.ts'
import { configOf, factsOf, planOf } from './support.ts'

describe('notices', () => {
  const rows: [lines: string, ...notices: string[]][] = [
    ['tags: [a]'],
    ['cache: {paths: [a]}'],
    ['cache: []'],
    ['interruptible: false'],
    ['interruptible: true'],
    ['resource_group: a\n  environment: b'],
    ['artifacts: {reports: {junit: a}}'],
    [
      'pages: true\n  publish: b',
      'pages: nothing is published; the folder is kept as an artifact, and what would be published is recorded',
    ],
    [
      'release: {tag_name: v1, description: d}',
      'release: nothing is published; the release is recorded when the job succeeds',
    ],
    ['image: ruby\n  services: [redis]'],
  ]
  it.each(rows)('%s', async (lines, ...notices) => {
    const { jobs } = await planOf(`job:\n  script: x\n  ${lines}\n`)
    expect(jobs[0]?.options.notices ?? []).toEqual(notices)
  })
})

describe('refusals', () => {
  async function refused(text: string, names: readonly string[] = []): Promise<string[]> {
    const config = await configOf(text)
    const outcome = plan(config, factsOf())
    if (outcome.kind !== 'plan') throw new Error(outcome.kind)
    return refusedIn(outcome.plan, config, new Set(names)).map(
      ({ code, message, location }) => `${location?.line}:${location?.column} ${code} ${message}`,
    )
  }

  const rows: [title: string, text: string, ...found: string[]][] = [
    ['an ordinary job', 'job: {script: x}'],
    ['a trigger', 'job:\n  trigger: a/b'],
    ['a mirror', 'job:\n  needs: {pipeline: a/b}'],
    ['a need in another project', 'job:\n  script: x\n  needs: [{project: a/b, ref: c, job: d}]'],
    [
      'steps that are not in the pipeline',
      'a: {script: x}\njob: {run: [{name: a, script: b}], only: [tags]}',
    ],
    [
      'steps',
      'job:\n  run: [{name: a, script: b}]',
      '2:8 keyword.unsupported jobs:job:run is made of steps, which Sluice does not run yet',
    ],
    [
      'a secret',
      'job:\n  script: x\n  secrets: {A: {vault: a/b}}',
      '3:13 keyword.unsupported jobs:job:secrets:A wants a value from a secrets provider, and no variable of this name is set',
    ],
  ]
  it.each(rows)('%s', async (_title, text, ...found) => {
    expect(await refused(text)).toEqual(found)
  })

  it('a secret whose value is a project variable runs', async () => {
    expect(await refused('job: {script: x, secrets: {A: {vault: a/b}}}', ['A'])).toEqual([])
  })
})

it('keeps what other executors will need', async () => {
  const { jobs } = await planOf(`
deploy:
  script: x
  resource_group: $CI_COMMIT_REF_NAME/prod
  environment: {name: prod, action: prepare}
  cache: {key: a, paths: [b]}
  artifacts: {paths: [c]}
  hooks: {pre_get_sources_script: [d]}
  pages: {publish: site}
`)
  expect(jobs[0]).toMatchObject({
    resourceGroup: 'main/prod',
    options: {
      environment: { name: 'prod', action: 'prepare' },
      cache: [{ key: { kind: 'text', text: 'a' }, paths: ['b'] }],
      artifacts: { paths: ['c', 'site'] },
      preGetSourcesScript: ['d'],
      pages: { publish: 'site' },
    },
  })
})

describe('a pages job', () => {
  const rows: [text: string, paths: readonly string[] | undefined][] = [
    ['pages: {script: x}', ['public']],
    ['pages: {script: x, artifacts: {paths: [public]}}', ['public']],
    ['pages: {script: x, publish: site, artifacts: {paths: [a]}}', ['a', 'site']],
    ['pages: {script: x, pages: false}', undefined],
    ['docs: {script: x, pages: true}', ['public']],
    ['docs: {script: x}', undefined],
  ]
  it.each(rows)('%s', async (text, paths) => {
    const { jobs } = await planOf(text)
    expect(jobs[0]?.options.artifacts?.paths).toEqual(paths)
  })
})

describe('needs:parallel:matrix', () => {
  const build =
    'build: {stage: build, script: x, parallel: {matrix: [{OS: [linux, mac], ARCH: [arm, x64]}]}}\n'

  it('picks instances', async () => {
    const { jobs } = await planOf(
      `${build}test: {script: x, needs: [{job: build, parallel: {matrix: [{OS: linux, ARCH: [arm, x64]}]}}]}`,
    )
    expect(jobs.at(-1)?.needs.map(({ job }) => job)).toEqual(['build: [linux, arm]', 'build: [linux, x64]'])
  })

  it('takes values of the instance that needs', async () => {
    const { jobs } = await planOf(
      `${build}test: {script: x, parallel: {matrix: [{OS: [linux, mac]}]}, needs: [{job: build, parallel: {matrix: [{OS: "$[[ matrix.OS ]]", ARCH: arm}]}}]}`,
    )
    expect(jobs.slice(4).map(({ name, needs }) => [name, needs.map(({ job }) => job)])).toEqual([
      ['test: [linux]', ['build: [linux, arm]']],
      ['test: [mac]', ['build: [mac, arm]']],
    ])
  })
})
