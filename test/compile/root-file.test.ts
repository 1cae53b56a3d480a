import { describe, expect, it } from 'vitest'
import type { CompileRequest } from '../../src/compile/compile.ts'
import {
  makeRepository,
  temporaryFolder,
  writeFiles,
  type Files,
  type TestRepository,
} from '../support/git.ts'
import { compile, jobsIn } from './support.ts'

const app = (files: Files): TestRepository => makeRepository({ files })

function standIns(files: Files): Partial<CompileRequest> {
  const folder = temporaryFolder()
  writeFiles(folder, files)
  const settings = {
    projects: new Map([['group/ci', folder]]),
    remote: new Map([['example.com', folder]]),
    templates: null,
    cache: null,
  }
  return { includes: { settings, served: () => undefined } }
}

describe('a CI file that lies elsewhere', () => {
  const rows: [configPath: string, jobs: string[]][] = [
    ['ci/main.yml', ['own']],
    ['main.yml@group/ci', ['theirs']],
    ['sub/main.yaml@group/ci:any', ['below']],
    ['https://example.com/main.yml', ['theirs']],
    ['odd.yml@group/ci', ['odd']],
    ['none.yml@group/ci', ['Project `group/ci` file `none.yml` does not exist!']],
    [
      'main.yml@group/none',
      [
        'Project `group/none` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.',
      ],
    ],
    ['none.yml', ['missing_config']],
    ['main.txt@group/ci', ['missing_config']],
  ]
  it.each(rows)('%s', async (configPath, jobs) => {
    const repository = app({
      'ci/main.yml': 'own: {script: x}',
      // GitLab looks into the repository first.
      'odd.yml@group/ci': 'odd: {script: x}',
    })
    const more = standIns({ 'main.yml': 'theirs: {script: x}', 'sub/main.yaml': 'below: {script: x}' })
    expect(jobsIn(await compile(repository, { ...more, configPath }))).toEqual(jobs)
  })
})

describe('the includes of a trigger job', () => {
  const upstream = { pipelineId: 3, projectId: 9, jobId: 7 }

  it('take the place of the CI file', async () => {
    const repository = app({ '.gitlab-ci.yml': 'a: {script: x}', 'b.yml': '$[[ inputs.n ]]: {script: x}' })
    const spec = 'spec: {inputs: {n: {}}}\n---\n$[[ inputs.n ]]: {script: x}\n'
    repository.commit('second', { 'b.yml': spec })
    const outcome = await compile(repository, {
      childIncludes: [{ local: 'b.yml', inputs: { n: 'c' } }],
      source: 'parent_pipeline',
      upstream,
    })
    expect(jobsIn(outcome)).toEqual(['c'])
    const predefined = outcome.kind === 'plan' ? outcome.predefined : []
    expect(
      predefined.flatMap(({ key, value }) => (key.startsWith('CI_UPSTREAM') ? [`${key}=${value}`] : [])),
    ).toEqual(['CI_UPSTREAM_PIPELINE_ID=3', 'CI_UPSTREAM_PROJECT_ID=9', 'CI_UPSTREAM_JOB_ID=7'])
  })

  it('may be rules of their own', async () => {
    const repository = app({ 'a.yml': 'a: {script: x}', 'b.yml': 'b: {script: x}' })
    const rules = [{ if: '$CI_PIPELINE_SOURCE == "parent_pipeline"' }]
    const childIncludes = [{ local: 'a.yml' }, { local: 'b.yml', rules: [{ if: '$NOWHERE' }] }]
    const kept = [{ local: 'a.yml', rules }]
    expect(jobsIn(await compile(repository, { childIncludes, source: 'parent_pipeline' }))).toEqual(['a'])
    expect(jobsIn(await compile(repository, { childIncludes: kept, source: 'parent_pipeline' }))).toEqual([
      'a',
    ])
  })

  it('see what the parent was pushed with', async () => {
    const repository = app({ 'a.yml': 'a: {script: x, rules: [{changes: [b]}]}\nz: {script: x}' })
    const beforeSha = repository.git('rev-parse', 'HEAD')
    repository.commit('second', { c: '1' })
    const childIncludes = [{ local: 'a.yml' }]
    const outcome = await compile(repository, { childIncludes, beforeSha, source: 'parent_pipeline' })
    expect(jobsIn(outcome)).toEqual(['z'])
  })

  it('cannot be artifacts where no parent is', async () => {
    const message = 'Including configs from artifacts is only allowed when triggering child pipelines'
    const config = 'include: [{artifact: a.yml, job: make}]'
    expect(jobsIn(await compile(app({ '.gitlab-ci.yml': config })))).toEqual([message])
    expect(jobsIn(await compile(app({ '.gitlab-ci.yml': config }), { upstream }))).toEqual([message])
  })
})
