// Which jobs a save runs: real CI files, compiled as `sluice watch` compiles them.
import { describe, expect, it } from 'vitest'
import { jobsToRun } from '../../../src/cli/watch/chosen.ts'
import { jobsWithoutFiles, touchedJobs, type Compiled } from '../../../src/cli/watch/touched.ts'
import { compilePipeline } from '../../../src/compile/compile.ts'
import { ZERO_SHA } from '../../../src/model/pipeline.ts'
import { openRepository } from '../../../src/platform/git.ts'
import { makeRepository } from '../../support/git.ts'

async function compiled(file: string, files: Readonly<Record<string, string>> = {}): Promise<Compiled> {
  const { gitDir, root, git } = makeRepository({ files: { '.gitlab-ci.yml': file, ...files } })
  const repository = openRepository(gitDir)
  const sha = git('rev-parse', 'HEAD')
  const outcome = await compilePipeline({
    project: {
      id: 1,
      name: 'group/app',
      path: root,
      repository: gitDir,
      defaultBranch: 'main',
      variables: [],
      configPath: '.gitlab-ci.yml',
      createdAt: 0,
    },
    repository,
    configPath: '.gitlab-ci.yml',
    treeSha: sha,
    sha,
    beforeSha: ZERO_SHA,
    ref: 'main',
    tag: false,
    tagMessage: null,
    source: 'push',
    pipelineVariables: [],
    user: null,
    triggered: false,
    scheduleDescription: null,
    server: { url: 'http://localhost', version: '18.0.0' },
    createdAt: 0,
    inputs: {},
    selection: null,
    forRun: false,
  })
  repository.close()
  if (outcome.kind !== 'plan') throw new Error(JSON.stringify(outcome))
  return outcome
}

const FILE = `
stages: [build, test, deploy]
compile: {stage: build, script: cat src/main.c, artifacts: {paths: [out/]}}
copy: {stage: build, script: cp src/main.c out/main.o, artifacts: {paths: [out/]}}
unit: {stage: test, script: echo tested, needs: [compile]}
docs: {stage: test, script: echo docs, rules: [{changes: ['doc/**/*.md']}]}
docker: {stage: test, script: echo image, rules: [{exists: [Dockerfile, '*.docker']}, {when: on_success}]}
old: {stage: test, script: echo old, only: {changes: [legacy/*]}}
install: {stage: test, script: echo i, cache: {key: {files: [package.lock]}, paths: [n/]}}
fetch: {stage: test, script: echo f, dependencies: [compile]}
later: {stage: deploy, script: echo later}
ship: {stage: deploy, script: echo ship, needs: [unit], when: manual}
tell: {stage: deploy, script: echo tell, needs: [ship]}
child: {stage: deploy, trigger: {include: [{local: ci/child.yml}]}}
`

describe('a save', () => {
  it.each([
    ['src/main.c', { compile: 'script', copy: 'script' }, ['compile', 'copy', 'unit', 'fetch']],
    ['out/main.o', {}, []],
    ['doc/a/b.md', { docs: 'rules:changes' }, ['docs']],
    ['doc/a/b.txt', {}, []],
    ['Dockerfile', { docker: 'rules:exists' }, ['docker']],
    ['legacy/x', { old: 'only:changes' }, ['old']],
    ['package.lock', { install: 'input' }, ['install']],
    ['ci/child.yml', { child: 'input' }, ['child']],
    ['README.md', {}, []],
  ])('of %s', async (path, touched, run) => {
    const now = await compiled(FILE)
    const because = touchedJobs([path], now, now)
    expect(Object.fromEntries(because)).toEqual(touched)
    expect(jobsToRun(now.plan, new Set(because.keys()), null)).toEqual(run)
  })

  it('of a CI file touches the jobs that it changes, and new ones', async () => {
    const before = await compiled('a: {script: x}\nb: {script: y}\nc: {script: z, needs: [a]}\n')
    const after = await compiled(
      '# moved\nb: {script: y}\na: {script: changed}\nc: {script: z, needs: [a]}\nd: {script: w}\n',
    )
    expect(Object.fromEntries(touchedJobs(['.gitlab-ci.yml'], after, before))).toEqual({
      a: 'CI file',
      d: 'CI file',
    })
  })

  it('that is the first right one touches all jobs', async () => {
    const now = await compiled('a: {script: x}\nb: {script: y}\n')
    expect([...touchedJobs(['.gitlab-ci.yml'], now, undefined).keys()]).toEqual(['a', 'b'])
  })

  it('touches every instance of a parallel job', async () => {
    const now = await compiled('unit: {parallel: 2, script: run tests}\n')
    expect([...touchedJobs(['tests/a'], now, now).keys()]).toEqual(['unit 1/2', 'unit 2/2'])
  })
})

describe('jobs named on the command line', () => {
  it('run with what they need, and nothing beside', async () => {
    const { plan } = await compiled(FILE)
    const touched = new Set(['compile', 'copy'])
    expect(jobsToRun(plan, touched, new Set(['unit']))).toEqual(['compile', 'unit'])
    expect(jobsToRun(plan, touched, new Set(['later']))).toEqual([])
    expect(jobsToRun(plan, touched, new Set(['ship']))).toEqual(['compile', 'unit', 'ship'])
  })
})

it('knows the jobs that name no file of the tree', async () => {
  const now = await compiled(FILE, { 'src/main.c': '', 'package.lock': '' })
  expect(jobsWithoutFiles(now, ['src/main.c', 'package.lock', '.gitlab-ci.yml'])).toEqual([
    'unit',
    'fetch',
    'later',
    'ship',
    'tell',
    'child',
  ])
})
