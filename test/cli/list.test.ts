import { beforeAll, describe, expect, it } from 'vitest'
import { makeRepository, type Files, type TestRepository } from '../support/git.ts'
import { makeHome, sluice, type Finished, type Home } from '../support/sluice.ts'

const CI = '.gitlab-ci.yml'
const ci = `
stages: [build, test, deploy]
# @Description Compiles everything
build:
  stage: build
  script: make
unit:
  stage: test
  parallel: 2
  script: make test
  needs: [build]
  allow_failure: true
deploy:
  stage: deploy
  script: ship
  needs: [unit]
  rules:
    - if: $CI_COMMIT_TAG
      when: manual
`

interface Row {
  readonly name: string
  readonly in: boolean
  readonly because: string
  readonly [key: string]: unknown
}
const jobs = ({ stdout }: Finished): readonly Row[] =>
  (JSON.parse(stdout) as { readonly jobs: readonly Row[] }).jobs
const repositoryWith = (text: string, files: Files = {}): TestRepository =>
  makeRepository({ files: { [CI]: text, ...files } })

describe('sluice list', () => {
  let home: Home
  beforeAll(() => {
    home = makeHome()
  })

  it('prints a table by stage, and counts what is left out', async () => {
    const { root } = repositoryWith(ci)
    const { code, stdout } = await sluice(home, ['list'], { cwd: root })
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        'name      stage  when        allow_failure  needs    description',
        'build     build  on_success  false                   Compiles everything',
        'unit 1/2  test   on_success  true           [build]',
        'unit 2/2  test   on_success  true           [build]',
        '1 job left out by rules; --all shows why',
        '',
      ].join('\n'),
    )
  })

  it('prints the left-out ones with why', async () => {
    const { root } = repositoryWith(ci)
    const { stdout } = await sluice(home, ['ls', '--all'], { cwd: root })
    expect(stdout).toMatch(
      /^deploy +deploy +never +false +\[unit\] +rule 1 did not match: if: \$CI_COMMIT_TAG — CI_COMMIT_TAG is not set$/m,
    )
  })

  it("prints gitlab-ci-local's columns", async () => {
    const { root } = repositoryWith(ci)
    const { stdout } = await sluice(home, ['list', '--csv'], { cwd: root })
    expect(stdout).toBe(
      'name;description;stage;when;allow_failure;needs\nbuild;"Compiles everything";build;on_success;false;[]\nunit 1/2;"";test;on_success;true;[build]\nunit 2/2;"";test;on_success;true;[build]\n',
    )
  })

  it('prints JSON, with --all every job of the file', async () => {
    const { root } = repositoryWith(ci)
    const all = jobs(await sluice(home, ['list', '--json', '--all'], { cwd: root }))
    expect(all.map((row) => [row.name, row.in])).toEqual([
      ['build', true],
      ['unit 1/2', true],
      ['unit 2/2', true],
      ['deploy', false],
    ])
    expect(all[3]).toMatchObject({
      stage: 'deploy',
      when: 'never',
      allow_failure: false,
      needs: ['unit'],
      because: 'rule 1 did not match: if: $CI_COMMIT_TAG — CI_COMMIT_TAG is not set',
    })
    const tagged = jobs(await sluice(home, ['list', '--json', '--tag', 'v1'], { cwd: root }))
    expect(tagged.at(-1)).toMatchObject({
      name: 'deploy',
      when: 'manual',
      in: true,
      needs: ['unit 1/2', 'unit 2/2'],
    })
  })

  it.each<[string, string, string[], string]>([
    ['no job fits', 'job: {script: x, only: [tags]}', [], 'The resulting pipeline would have been empty.'],
    [
      'only .pre is left',
      'job: {stage: .pre, script: x}',
      [],
      'The resulting pipeline would have been empty.',
    ],
    [
      'the workflow refuses',
      'workflow: {rules: [{if: $CI_COMMIT_TAG}]}\njob: {script: x}',
      ['--event', 'schedule'],
      'The pipeline did not run.',
    ],
  ])('ends with 4 when %s, and still lists all', async (_, text, flags, message) => {
    const { root } = repositoryWith(text)
    const finished = await sluice(home, ['list', '--json', '--all', ...flags], { cwd: root })
    expect(finished.code).toBe(4)
    expect(finished.stderr).toContain(message)
    expect(jobs(finished).map((row) => [row.name, row.in])).toEqual([['job', false]])
  })

  it.each<[string, string, string[], number, string]>([
    ['an invalid file', 'job: {}', [], 3, '.gitlab-ci.yml:1:1  error'],
    ['a file that is not there', 'job: {script: x}', ['--file', 'nope.yml'], 2, 'nope.yml does not exist'],
    ['an unknown commit', 'job: {script: x}', ['--sha', 'nope'], 2, 'no commit "nope"'],
  ])('refuses %s', async (_, text, flags, code, words) => {
    const { root } = repositoryWith(text)
    const finished = await sluice(home, ['list', ...flags], { cwd: root })
    expect({ code: finished.code, stderr: finished.stderr }).toEqual({
      code,
      stderr: expect.stringContaining(words),
    })
  })

  it('ends with 2 without a CI file and outside a repository', async () => {
    const { root } = makeRepository({ files: { a: 'b' } })
    expect(await sluice(home, ['list'], { cwd: root })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Missing CI config file'),
    })
    expect(await sluice(home, ['list'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not in the working tree'),
    })
  })

  const gate = (name: string, condition: string): string =>
    `${name}: {script: "true", rules: [${condition}]}\n`
  const conditional = `${gate('new', '{exists: [new.txt]}')}${gate('old', '{exists: [old.txt]}')}${gate('staged', '{exists: [staged.txt]}')}always: {script: "true"}\n`
  const dirty: readonly [string, (repository: TestRepository) => void][] = [
    ['clean', () => undefined],
    ['with a new file', ({ write }) => write({ 'new.txt': 'x' })],
    ['with a removed file', ({ write }) => write({ 'old.txt': null })],
    ['with a changed CI file', ({ write }) => write({ [CI]: `${conditional}more: {script: "true"}\n` })],
    [
      'with a CI file that includes a new one',
      ({ write }) =>
        write({ [CI]: `include: ci/x.yml\n${conditional}`, 'ci/x.yml': 'included: {script: "true"}\n' }),
    ],
    [
      'with something staged',
      ({ write, git }) => {
        write({ 'staged.txt': 'x', [CI]: `${conditional}more: {script: "true"}\n` })
        git('add', '-A')
        write({ 'new.txt': 'x' })
      },
    ],
  ]
  it.each(dirty)('lists what run runs in a tree %s, and changes nothing', async (_, change) => {
    const repository = repositoryWith(conditional, { 'old.txt': 'x', '.gitignore': 'ignored.txt\n' })
    change(repository)
    repository.write({ 'ignored.txt': 'x' })
    const before = repository.git('status', '--porcelain')
    const listed = jobs(await sluice(home, ['list', '--json'], { cwd: repository.root })).map(
      ({ name }) => name,
    )
    expect(repository.git('status', '--porcelain')).toBe(before)
    const ran = await sluice(home, ['run', '--json', '--executor', 'shell'], { cwd: repository.root })
    const created = ran.stdout.split('\n').find((line) => line.includes('pipeline.created')) ?? '{}'
    const names = (JSON.parse(created) as { readonly jobs: readonly { readonly name: string }[] }).jobs.map(
      ({ name }) => name,
    )
    expect(listed.toSorted()).toEqual(names.toSorted())
    expect(listed).toContain('always')
  })

  it('lists what a merge request would run', async () => {
    const text = `${gate('mr', '{if: $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "release"}')}${gate('branch', '{if: $CI_COMMIT_BRANCH}')}`
    const { root } = repositoryWith(text)
    const flags = ['list', '--json', '--event', 'merge_request_event', '--target-branch', 'release']
    expect(jobs(await sluice(home, flags, { cwd: root })).map(({ name }) => name)).toEqual(['mr'])
    const wrong = await sluice(home, ['list', '--target-branch', 'release'], { cwd: root })
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--target-branch needs --event merge_request_event'),
    })
  })

  it("reads a commit's files with --sha, and variables from a file", async () => {
    const repository = repositoryWith('old: {script: x}')
    repository.commit('second', { [CI]: gate('new', '{if: $A == "b"}') })
    repository.write({ 'vars.yml': 'A: b\n' })
    expect(
      jobs(await sluice(home, ['list', '--json', '--sha', 'HEAD~1'], { cwd: repository.root })).map(
        ({ name }) => name,
      ),
    ).toEqual(['old'])
    const flags = ['list', '--json', '--variables-file', 'vars.yml']
    expect(jobs(await sluice(home, flags, { cwd: repository.root })).map(({ name }) => name)).toEqual(['new'])
    expect(
      jobs(await sluice(home, ['list', '--json', '--variable', 'A=b'], { cwd: repository.root })).map(
        ({ name }) => name,
      ),
    ).toEqual(['new'])
  })
})
