// `git push -o`: real pushes into bare repositories, through the hooks that `sluice hook install` writes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { installHookCommand } from '../../../src/cli/hook/install-push-hook.ts'
import { WATCH_ALL } from '../../../src/model/watch-rules.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { openRepository } from '../../../src/platform/git.ts'
import { parsePushOptions } from '../../../src/sources/watcher/push-options.ts'
import { watchProject } from '../../../src/sources/watcher/watch-project.ts'
import { testEngine } from '../../support/engine.ts'
import { makeRepository, temporaryFolder, type TestRepository } from '../../support/git.ts'

const FILE = { '.gitlab-ci.yml': 'build:\n  script: make\n' }

function bareOf(repository: TestRepository): string {
  const bare = join(temporaryFolder(), 'app.git')
  repository.git('clone', '--quiet', '--bare', repository.root, bare)
  return bare
}

async function install(bare: string): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const code = await installHookCommand(
    bare,
    { pushOptions: true },
    {
      version: '0',
      packageRoot: '/',
      entry: '/',
      env: {},
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      stdoutIsTerminal: false,
      elapsed: () => 0,
      outlive: () => undefined,
    },
  )
  return { code, ...said }
}

function watch(bare: string) {
  const git = openRepository(bare)
  const made = testEngine('', { repository: git })
  const watching = watchProject(
    { id: 9, name: 'group/app', rules: WATCH_ALL, repository: git },
    {
      store: made.store,
      engine: made.engine,
      clock: systemClock,
      mostPipelines: () => 100,
      watchRefs: () => ({ close: () => Promise.resolve() }),
      notice: () => undefined,
    },
  )
  onTestFinished(async () => {
    await watching.close()
    git.close()
  })
  const newest = () => {
    const pipeline = made.store.pipelines.newest(9, 1)[0]
    return {
      ...pipeline,
      jobs: pipeline ? made.store.jobs.ofPipeline(pipeline.id).length : -1,
      given: pipeline
        ? made.store.pipelineVariables.of(pipeline.id).map(({ key, value }) => `${key}=${value}`)
        : [],
    }
  }
  return { look: () => watching.look(), newest }
}

describe('the options of a push', () => {
  it('skip, and give variables, for that push alone', async () => {
    const repository = makeRepository({ files: FILE })
    const bare = bareOf(repository)
    expect(await install(bare)).toMatchObject({ code: 0, err: '' })
    expect(await install(bare)).toMatchObject({ code: 0 })
    const here = watch(bare)
    await here.look()

    repository.commit('second', { a: '1' })
    repository.git('push', '-q', '-o', 'ci.skip', bare, 'main')
    await here.look()
    expect(here.newest()).toMatchObject({ ref: 'main', jobs: 0 })

    repository.commit('third', { a: '2' })
    repository.git(
      'push',
      '-q',
      '-o',
      'ci.variable=A=1 2',
      '-o',
      'ci.variable=B=x=y',
      '-o',
      'ci.variable=C',
      bare,
      'main',
    )
    await here.look()
    expect(here.newest()).toMatchObject({ ref: 'main', jobs: 1, given: ['A=1 2', 'B=x=y'] })
    expect(existsSync(join(bare, 'sluice/push-options/refs%2Fheads%2Fmain'))).toBe(false)

    repository.commit('fourth', { a: '3' })
    repository.git('push', '-q', bare, 'main')
    await here.look()
    expect(here.newest()).toMatchObject({ jobs: 1, given: [] })
  })

  it('belong to every ref of the push, annotated tags too', async () => {
    const repository = makeRepository({ files: FILE })
    const bare = bareOf(repository)
    await install(bare)
    const here = watch(bare)
    await here.look()
    repository.git('tag', '-a', 'v1/x', '-m', 'one')
    repository.git('push', '-q', '-o', 'ci.skip', bare, 'v1/x')
    await here.look()
    expect(here.newest()).toMatchObject({ ref: 'v1/x', tag: true, jobs: 0 })
  })

  it('are forgotten by a push without options', async () => {
    const repository = makeRepository({ files: FILE })
    const bare = bareOf(repository)
    await install(bare)
    repository.git('push', '-q', '-o', 'ci.skip', bare, 'HEAD:refs/heads/other')
    expect(readFileSync(join(bare, 'sluice/push-options/refs%2Fheads%2Fother'), 'utf8')).toBe(
      `${repository.git('rev-parse', 'HEAD')}\nci.skip\n`,
    )
    repository.git('push', '-q', bare, ':refs/heads/other')
    repository.git('push', '-q', bare, 'HEAD:refs/heads/other')
    expect(existsSync(join(bare, 'sluice/push-options/refs%2Fheads%2Fother'))).toBe(false)
  })

  it('leave a hook of somebody else as it is, which works with the line that is printed', async () => {
    const repository = makeRepository({ files: FILE })
    const bare = bareOf(repository)
    const hook = join(bare, 'hooks/pre-receive')
    const own = '#!/bin/sh\nwhile read -r old new ref; do echo "$ref" >>seen; done\n'
    writeFileSync(hook, own, { mode: 0o755 })
    const refused = await install(bare)
    expect(refused.code).toBe(2)
    expect(readFileSync(hook, 'utf8')).toBe(own)
    const line = /^ +(\. ".*)$/m.exec(refused.err)?.[1] ?? ''
    writeFileSync(hook, own.replace('while', `${line}\nwhile`), { mode: 0o755 })
    expect(await install(bare)).toMatchObject({ code: 0 })
    const here = watch(bare)
    await here.look()
    repository.commit('second', { a: '1' })
    repository.git('push', '-q', '-o', 'ci.skip', bare, 'main')
    await here.look()
    expect(here.newest()).toMatchObject({ jobs: 0 })
    expect(readFileSync(join(bare, 'seen'), 'utf8')).toBe('refs/heads/main\n')
  })
})

it.each([
  [['ci.skip'], { skip: true, variables: [], inputs: {} }],
  [['ci.skip=anything'], { skip: true, variables: [], inputs: {} }],
  [['merge_request.create', 'ci.other=1', 'nonsense'], { skip: false, variables: [], inputs: {} }],
  [
    ['ci.variable==1', 'ci.variable=FOO', 'ci.variable=BAR='],
    { skip: false, variables: [{ key: 'BAR', value: '' }], inputs: {} },
  ],
  [
    ['ci.input=stages=["a","b"]', 'ci.input=n=3', 'ci.input=t=text', 'ci.input=q="x"'],
    { skip: false, variables: [], inputs: { stages: ['a', 'b'], n: 3, t: 'text', q: '"x"' } },
  ],
])('reads %j', (options, expected) => {
  expect(parsePushOptions(options)).toEqual(expected)
})
