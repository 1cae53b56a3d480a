import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { compilePipeline, type CompileOutcome, type CompileRequest } from '../../src/compile/compile.ts'
import { mergeBase } from '../../src/compile/merge-base.ts'
import { ZERO_SHA } from '../../src/model/pipeline.ts'
import { variable } from '../../src/model/variable.ts'
import { openRepository } from '../../src/platform/git.ts'
import { makeRepository, type TestRepository } from '../support/git.ts'
import { requestFor } from './support.ts'

async function compile(
  repository: TestRepository,
  some: Partial<CompileRequest> = {},
): Promise<CompileOutcome> {
  const git = openRepository(repository.gitDir)
  const sha = repository.git('rev-parse', 'HEAD')
  try {
    const request = requestFor(repository, git, sha, some)
    const variables = [
      { ...variable('FROM_PROJECT', 'p', 'project'), environmentScope: '*', protected: false },
    ]
    return await compilePipeline({ ...request, project: some.project ?? { ...request.project, variables } })
  } finally {
    git.close()
  }
}

const withConfig = (text: string, more: Record<string, string> = {}): TestRepository =>
  makeRepository({ files: { '.gitlab-ci.yml': text, ...more } })

function jobsIn(outcome: CompileOutcome): string[] {
  return outcome.kind === 'plan' ? outcome.plan.jobs.map(({ name }) => name) : [outcome.kind]
}

describe('a pipeline of a commit', () => {
  it('has plan, hash and variables', async () => {
    const text = 'workflow: {name: Build $CI_COMMIT_REF_NAME}\njob: {script: x}\n'
    const outcome = await compile(withConfig(text))
    expect(outcome).toMatchObject({
      kind: 'plan',
      configSha256: createHash('sha256').update(text).digest('hex'),
      projectVariables: [{ key: 'FROM_PROJECT', value: 'p' }],
      plan: {
        name: 'Build main',
        jobs: [{ name: 'job', verdict: { location: { file: '.gitlab-ci.yml', line: 2 } } }],
      },
    })
    const values =
      outcome.kind === 'plan'
        ? Object.fromEntries(outcome.predefined.map(({ key, value }) => [key, value]))
        : {}
    expect(values).toMatchObject({
      CI_PIPELINE_NAME: 'Build main',
      CI_COMMIT_TITLE: 'first',
      CI_COMMIT_REF_PROTECTED: 'true',
      CI_PROJECT_PATH: 'group/app',
      CI_PIPELINE_CREATED_AT: '1970-01-01T00:00:00Z',
    })
    expect(values).not.toHaveProperty('CI_PIPELINE_TRIGGERED')
  })

  it('lets rules compare predefined, user, project and pipeline variables in their order', async () => {
    const repository = withConfig(
      'variables: {FROM_PROJECT: yaml, V: yaml}\njob:\n  script: x\n  rules:\n    - if: $FROM_PROJECT == "p" && $V == "sent" && $GITLAB_USER_LOGIN == "root" && $CI_COMMIT_SHORT_SHA =~ /^[0-9a-f]+$/\n',
    )
    expect(
      jobsIn(await compile(repository, { pipelineVariables: [variable('V', 'sent', 'trigger')] })),
    ).toEqual(['job'])
    expect(jobsIn(await compile(repository))).toEqual(['filtered_by_rules'])
  })

  it('knows a trigger', async () => {
    const repository = withConfig(
      'job: {script: x, only: [triggers]}\nother: {script: x, rules: [{if: $CI_PIPELINE_TRIGGERED}]}',
    )
    expect(jobsIn(await compile(repository, { source: 'trigger', triggered: true }))).toEqual([
      'job',
      'other',
    ])
    expect(jobsIn(await compile(repository))).toEqual(['filtered_by_rules'])
  })

  it('knows a tag', async () => {
    const repository = withConfig(
      'job: {script: x, only: [tags]}\nother: {script: x, rules: [{if: $CI_COMMIT_TAG_MESSAGE == "first release"}]}',
    )
    expect(jobsIn(await compile(repository, { ref: 'v1', tag: true, tagMessage: 'first release' }))).toEqual([
      'job',
      'other',
    ])
  })
})

describe('changes', () => {
  const text = 'docs: {script: x, rules: [{changes: ["docs/*"]}]}\nall: {script: x}'

  it('looks at what a push changed', async () => {
    const repository = withConfig(text)
    const before = repository.git('rev-parse', 'HEAD')
    repository.commit('code', { 'src/a': '1' })
    expect(jobsIn(await compile(repository, { beforeSha: before }))).toEqual(['all'])
    repository.commit('docs', { 'docs/a': '1' })
    expect(jobsIn(await compile(repository, { beforeSha: before }))).toEqual(['docs', 'all'])
  })

  it.each([
    ['a new branch', { beforeSha: ZERO_SHA }],
    ['a previous tip that is gone', { beforeSha: 'f'.repeat(40) }],
    ['a trigger', { source: 'trigger' }],
    ['a schedule', { source: 'schedule' }],
    ['a tag', { tag: true, ref: 'v1' }],
  ] as const)('is true for %s', async (_title, some) => {
    const repository = withConfig(text)
    const before = repository.git('rev-parse', 'HEAD')
    repository.commit('code', { 'src/a': '1' })
    expect(jobsIn(await compile(repository, { beforeSha: before, ...some }))).toEqual(['docs', 'all'])
  })

  it('compares with the merge base of another ref', async () => {
    const repository = withConfig(
      'job: {script: x, rules: [{changes: {paths: [shared], compare_to: $BASE}}]}\nall: {script: x}\nvariables: {BASE: main}',
    )
    repository.git('checkout', '-q', '-b', 'topic')
    repository.commit('mine', { own: '1' })
    repository.git('checkout', '-q', 'main')
    repository.commit('theirs', { shared: '1' })
    repository.git('checkout', '-q', 'topic')
    expect(jobsIn(await compile(repository, { ref: 'topic', source: 'web' }))).toEqual(['all'])
    repository.commit('mine too', { shared: '2' })
    expect(jobsIn(await compile(repository, { ref: 'topic', source: 'web' }))).toEqual(['job', 'all'])
  })

  it('fails for a ref that does not exist', async () => {
    const repository = withConfig('job: {script: x, rules: [{changes: {paths: [a], compare_to: nope}}]}')
    expect(await compile(repository)).toMatchObject({
      kind: 'invalid',
      diagnostics: [{ message: 'Failed to parse rule for job: rules:changes:compare_to is not a valid ref' }],
    })
  })
})

it('looks for files in the tree, which may be a snapshot of its own', async () => {
  const repository = withConfig('job: {script: x, rules: [{exists: [new/file]}]}\nall: {script: x}')
  const sha = repository.git('rev-parse', 'HEAD')
  repository.write({ 'new/file': '1' })
  repository.git('add', '-A')
  const treeSha = repository.git('commit-tree', repository.git('write-tree'), '-p', sha, '-m', 'snapshot')
  expect(jobsIn(await compile(repository, { sha }))).toEqual(['all'])
  expect(jobsIn(await compile(repository, { sha, treeSha }))).toEqual(['job', 'all'])
})

describe('there is no pipeline', () => {
  it('without the file', async () => {
    expect(await compile(makeRepository({ files: { README: 'x' } }))).toEqual({ kind: 'missing_config' })
  })

  it('from a file that is wrong, and says where', async () => {
    const outcome = await compile(withConfig('job: {script: x, needs: [nope]}\n'))
    expect(outcome).toMatchObject({
      kind: 'invalid',
      diagnostics: [{ message: 'job job: undefined need: nope', location: { line: 1, column: 26 } }],
      configSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(outcome.kind === 'invalid' && [...outcome.sources.keys()]).toEqual(['.gitlab-ci.yml'])
  })

  it('when the rules want none', async () => {
    expect(await compile(withConfig('workflow: {rules: [{when: never}]}\njob: {script: x}'))).toMatchObject({
      kind: 'filtered_by_workflow_rules',
    })
  })

  it('with inputs that the file does not declare', async () => {
    expect(await compile(withConfig('job: {script: x}'), { inputs: { env: 'prod' } })).toMatchObject({
      kind: 'invalid',
      diagnostics: [{ code: 'inputs.unknown' }],
    })
  })
})

it('selects jobs, or says which there are', async () => {
  const repository = withConfig('a: {script: x}\nb: {script: x, needs: [a]}')
  expect(jobsIn(await compile(repository, { selection: ['b'] }))).toEqual(['b'])
  expect(await compile(repository, { selection: ['c'] })).toEqual({
    kind: 'unknown_job',
    message: 'no job "c" for push on main',
    detail: 'There are: a, b.',
  })
})

it('sees a new version of the file at once', async () => {
  const repository = withConfig('a: {script: x}')
  expect(jobsIn(await compile(repository))).toEqual(['a'])
  repository.commit('second', { '.gitlab-ci.yml': 'b: {script: x}' })
  expect(jobsIn(await compile(repository))).toEqual(['b'])
})

it('finds the merge base as git does', async () => {
  const repository = makeRepository({ files: { a: '1' } })
  repository.commit('second', { a: '2' })
  repository.git('checkout', '-q', '-b', 'one')
  const one = repository.commit('one', { b: '1' })
  repository.git('checkout', '-q', 'main')
  const main = repository.commit('main', { c: '1' })
  repository.git('checkout', '-q', '--orphan', 'alone')
  const alone = repository.commit('alone', { d: '1' })
  const git = openRepository(repository.gitDir)
  try {
    expect(await mergeBase(git, one, main)).toBe(repository.git('merge-base', one, main))
    expect(await mergeBase(git, main, main)).toBe(main)
    expect(await mergeBase(git, one, alone)).toBeUndefined()
  } finally {
    git.close()
  }
})

describe('a job that asks for what cannot be done here', () => {
  const text = 'a: {script: x}\nb:\n  run: [{name: c, script: d}]\n'

  it('may be looked at', async () => {
    expect(jobsIn(await compile(withConfig(text)))).toEqual(['a', 'b'])
  })

  it('is an error when the pipeline is to run', async () => {
    expect(await compile(withConfig(text), { forRun: true })).toMatchObject({
      kind: 'invalid',
      diagnostics: [{ code: 'keyword.unsupported', location: { line: 3, column: 8 } }],
    })
  })

  it('is none of the jobs that were named', async () => {
    expect(jobsIn(await compile(withConfig(text), { forRun: true, selection: ['a'] }))).toEqual(['a'])
  })

  it('has its secret from a project variable', async () => {
    const secret = (name: string): string => `a: {script: x, secrets: {${name}: {vault: b/c}}}`
    expect((await compile(withConfig(secret('FROM_PROJECT')), { forRun: true })).kind).toBe('plan')
    expect((await compile(withConfig(secret('OTHER')), { forRun: true })).kind).toBe('invalid')
  })
})
