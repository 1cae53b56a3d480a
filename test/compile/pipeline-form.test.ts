import { describe, expect, it } from 'vitest'
import { COMPILER_HERE } from '../../src/compile/compiler.ts'
import type { PipelineForm } from '../../src/compile/pipeline-form.ts'
import { ZERO_SHA } from '../../src/model/pipeline.ts'
import { openRepository } from '../../src/platform/git.ts'
import { makeRepository, type Files } from '../support/git.ts'

async function formOf(files: Files): Promise<PipelineForm | undefined> {
  const repository = makeRepository({ files })
  const git = openRepository(repository.gitDir)
  const sha = repository.git('rev-parse', 'HEAD')
  try {
    const project = {
      id: 9,
      name: 'group/app',
      path: repository.root,
      repository: repository.gitDir,
      defaultBranch: 'main',
      variables: [],
      configPath: '.gitlab-ci.yml',
      createdAt: 0,
    }
    const result = await COMPILER_HERE.lint(
      {
        project,
        repository: git,
        configPath: '.gitlab-ci.yml',
        treeSha: sha,
        sha,
        beforeSha: ZERO_SHA,
        ref: 'main',
        tag: false,
        tagMessage: null,
        source: 'web',
        pipelineVariables: [],
        user: null,
        triggered: false,
        scheduleDescription: null,
        server: { url: 'http://127.0.0.1', version: '18.5.0' },
        createdAt: 0,
        inputs: {},
        selection: null,
        forRun: false,
      },
      { simulate: false, jobs: false, form: true },
    )
    return result.form
  } finally {
    git.close()
  }
}

describe('the form of a new pipeline', () => {
  it('asks for the variables with a description, included ones too', async () => {
    const form = await formOf({
      '.gitlab-ci.yml': `
include: more.yml
variables:
  PLAIN: x
  WHERE: {value: staging, description: Where to, options: [staging, production]}
  BARE: {description: Without a value}
job: {script: x}
`,
      'more.yml': 'variables: {OTHER: {value: "1", description: Included}}\n',
    })
    expect(form?.inputs).toEqual([])
    expect(form?.variables.toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
      { key: 'BARE', value: '', description: 'Without a value', options: null },
      { key: 'OTHER', value: '1', description: 'Included', options: null },
      { key: 'WHERE', value: 'staging', description: 'Where to', options: ['staging', 'production'] },
    ])
  })

  it('asks for inputs, also while one that is required is missing', async () => {
    const form = await formOf({
      '.gitlab-ci.yml': `
spec:
  inputs:
    stage: {description: Which stage, options: [a, b]}
    level: {type: number, default: 3}
    names: {type: array, default: [x, "y z"]}
    deep: {default: ''}
    plain:
---
job: {script: 'echo $[[ inputs.stage ]]'}
`,
    })
    const input = { type: 'string', default: null, required: true, description: null, options: null }
    expect(form?.inputs).toEqual([
      { ...input, name: 'stage', description: 'Which stage', options: ['a', 'b'] },
      { ...input, name: 'level', type: 'number', default: '3', required: false },
      { ...input, name: 'names', type: 'array', default: '["x","y z"]', required: false },
      { ...input, name: 'deep', default: '', required: false },
      { ...input, name: 'plain' },
    ])
  })

  it('of a broken file asks for nothing', async () => {
    expect(await formOf({ '.gitlab-ci.yml': 'a: b: c' })).toEqual({ variables: [], inputs: [] })
  })
})
