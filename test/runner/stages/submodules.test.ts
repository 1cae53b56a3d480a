import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hasBubblewrap } from '../../support/sandbox.ts'
import { harness, printed, section, type Ended, type Harness } from '../support/harness.ts'
import { bubblewrap, shell } from '../support/executors.ts'
import { variable } from '../support/payload.ts'

let lab: Harness
afterEach(() => lab.close())

const git = (cwd: string, ...args: string[]) =>
  execFileSync(
    'git',
    ['-c', 'protocol.file.allow=always', '-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args],
    { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' }, stdio: 'pipe' },
  ).trim()

function makeRepository(path: string, file: string): string {
  mkdirSync(path, { recursive: true })
  git(path, 'init', '--quiet', '--initial-branch=main')
  writeFileSync(join(path, file), `${file}\n`)
  git(path, 'add', '--all')
  git(path, 'commit', '--quiet', '--message=x')
  return path
}

/** The project is `source`; its submodule `lib` holds another, `deep`. */
function open(more: { url?: string; executor?: ReturnType<typeof shell> } = {}): string {
  const paths = new Map<string, string>()
  lab = harness(more.executor ?? shell(), { concurrency: 1, pathOf: (project) => paths.get(project) })
  const { source } = lab.repository
  paths.set('group/app', source)
  makeRepository(join(lab.folder, 'deep'), 'deep.txt')
  const lib = makeRepository(join(lab.folder, 'lib'), 'lib.txt')
  git(lib, 'submodule', '--quiet', 'add', '../deep', 'deep')
  git(lib, 'commit', '--quiet', '--message=deep')
  git(lib, 'commit', '--quiet', '--allow-empty', '--message=more')
  git(source, 'submodule', '--quiet', 'add', '../lib', 'lib')
  git(source, 'submodule', '--quiet', 'update', '--init', '--recursive')
  if (more.url !== undefined) git(source, 'config', '--file', '.gitmodules', 'submodule.lib.url', more.url)
  return lab.repository.commit({ 'top.txt': 'top\n' })
}

const run = (sha: string, values: Readonly<Record<string, string>>, script: readonly string[], depth = 0) =>
  lab.run({
    sha,
    depth,
    script,
    variables: Object.entries(values).map(([key, value]) => variable(key, value)),
  })
const lines = ({ log }: Ended) =>
  section(log, 'get_sources')
    .replace(/\u001b\[[0-9;]*[mK]/g, '')
    .split('\n')
const OK = { state: 'success' }
const NORMAL = { GIT_SUBMODULE_STRATEGY: 'normal' }
const RECURSIVE = { GIT_SUBMODULE_STRATEGY: 'recursive' }
const LOOK = ['cat lib/lib.txt lib/deep/deep.txt || true', 'git submodule status | cut -c1']

describe('GIT_SUBMODULE_STRATEGY', () => {
  it.each([
    ['shell', shell],
    ['bubblewrap', bubblewrap],
  ])('none, normal and recursive: %s', async (_, executor) => {
    const sha = open({ executor: executor() })
    const none = await run(sha, {}, ['ls -A lib'])
    expect(lines(none)).toContain('Skipping Git submodules setup')
    expect(printed(none.output)).toBe('')
    const normal = await run(sha, NORMAL, [
      'cat lib/lib.txt',
      'ls -A lib/deep',
      'git -C lib status --porcelain',
    ])
    expect(lines(normal)).toEqual(
      expect.arrayContaining(['Updating/initializing submodules...', 'Updated submodules']),
    )
    expect(printed(normal.output)).toBe('lib.txt\n')
    const recursive = await run(sha, RECURSIVE, ['cat lib/lib.txt lib/deep/deep.txt'])
    expect(lines(recursive)).toContain('Updating/initializing submodules recursively...')
    expect(printed(recursive.output)).toBe('lib.txt\ndeep.txt\n')
    const again = await run(sha, {}, ['ls -A lib', 'ls .git'])
    expect(printed(again.output)).not.toMatch(/lib\.txt|modules/)
  })

  it('another word fails', async () => {
    const ended = await run(open(), { GIT_SUBMODULE_STRATEGY: 'deep' }, ['echo not run'])
    expect(ended.end).toMatchObject({ state: 'failed', reason: 'runner_system_failure' })
    expect(ended.log).toContain(
      `GIT_SUBMODULE_STRATEGY: expected either 'normal', 'recursive' or 'none' got "deep"`,
    )
    expect(ended.log).toContain('unknown GIT_SUBMODULE_STRATEGY')
  })
})

it('GIT_SUBMODULE_DEPTH, which is GIT_DEPTH unless it is set', async () => {
  const sha = open()
  const look = ['git -C lib rev-list --count HEAD']
  expect(printed((await run(sha, NORMAL, look)).output)).toBe('3\n')
  expect(printed((await run(sha, NORMAL, look, 2)).output)).toBe('2\n')
  const one = await run(sha, { ...NORMAL, GIT_SUBMODULE_DEPTH: '1' }, look)
  expect(printed(one.output)).toBe('1\n')
  expect(lines(one)).toContain('Updating/initializing submodules with git depth set to 1...')
})

it('GIT_SUBMODULE_PATHS takes some and leaves others', async () => {
  open()
  git(lab.repository.source, 'submodule', '--quiet', 'add', '../deep', 'other')
  const sha = lab.repository.commit({ next: 'x' })
  const look = ['ls lib other']
  expect(printed((await run(sha, { ...NORMAL, GIT_SUBMODULE_PATHS: 'other' }, look)).output)).toContain(
    'deep.txt',
  )
  const not = await run(sha, { ...NORMAL, GIT_SUBMODULE_PATHS: ':(exclude)other' }, look)
  expect(not.end).toEqual(OK)
  expect(printed(not.output)).toContain('lib.txt')
  expect(printed(not.output)).not.toContain('deep.txt')
})

it('the address that the job sees is the one that was written', async () => {
  const sha = open()
  const ended = await run(sha, NORMAL, ['git -C lib remote get-url origin', 'git config submodule.lib.url'])
  expect(printed(ended.output)).toBe(`${lab.folder}/lib\n${lab.folder}/lib\n`)
})

it("the user's own clone of a submodule serves when its address cannot be reached", async () => {
  const sha = open({ url: 'https://127.0.0.1:1/group/lib.git' })
  const ended = await run(sha, RECURSIVE, LOOK)
  expect(printed(ended.output)).toContain('lib.txt\ndeep.txt\n')
})

it('one that cannot be reached fails the job in the words of git and of gitlab-runner', async () => {
  const sha = open({ url: 'https://127.0.0.1:1/group/lib.git' })
  rmSync(join(lab.repository.source, '.git/modules'), { recursive: true })
  const ended = await run(sha, NORMAL, ['echo not run'])
  expect(ended.end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 1 })
  expect(ended.log).toContain("fatal: unable to access 'https://127.0.0.1:1/group/lib.git/'")
  expect(ended.log).toContain("fatal: clone of 'https://127.0.0.1:1/group/lib.git' into submodule path '")
  expect(ended.log).toContain('Updating submodules failed. Retrying...')
  expect(ended.log).not.toContain('not run')
})

it.each([
  ['evil', "fatal: transport 'file' not allowed"],
  ['lib', 'not our ref'],
])('a commit cannot read any folder of this machine, by the name %s', async (name, words) => {
  open()
  const secret = makeRepository(join(lab.folder, 'secret'), 'secret.txt')
  const { source } = lab.repository
  const tip = git(secret, 'rev-parse', 'HEAD')
  writeFileSync(join(source, '.gitmodules'), `[submodule "${name}"]\n\tpath = evil\n\turl = ${secret}\n`)
  git(source, 'update-index', '--force-remove', 'lib')
  git(source, 'update-index', '--add', '--cacheinfo', `160000,${tip},evil`)
  git(source, 'add', '.gitmodules')
  git(source, 'commit', '--quiet', '--message=evil')
  git(lab.repository.mirror, 'fetch', '--quiet', source, '+refs/heads/*:refs/heads/*')
  const sha = git(source, 'rev-parse', 'HEAD')
  const ended = await run(sha, NORMAL, ['cat evil/secret.txt'])
  expect(ended.end).toMatchObject({ state: 'failed' })
  expect(ended.log).toContain(words)
})

it('a served project is found by its relative address', async () => {
  const paths = new Map<string, string>()
  lab = harness(shell(), { concurrency: 1, pathOf: (project) => paths.get(project) })
  const lib = makeRepository(join(lab.folder, 'elsewhere/library'), 'lib.txt')
  const { source } = lab.repository
  paths.set('group/app', source).set('group/lib', lib)
  git(source, 'remote', 'add', 'origin', 'https://127.0.0.1:1/group/app.git')
  writeFileSync(join(source, '.gitmodules'), '[submodule "lib"]\n\tpath = lib\n\turl = ../lib.git\n')
  git(source, 'update-index', '--add', '--cacheinfo', `160000,${git(lib, 'rev-parse', 'HEAD')},lib`)
  git(source, 'add', '.gitmodules')
  git(source, 'commit', '--quiet', '--message=lib')
  git(lab.repository.mirror, 'fetch', '--quiet', source, '+refs/heads/*:refs/heads/*')
  const ended = await run(git(source, 'rev-parse', 'HEAD'), NORMAL, [
    'cat lib/lib.txt',
    'git -C lib remote get-url origin',
  ])
  expect(printed(ended.output)).toBe('lib.txt\nhttps://127.0.0.1:1/group/lib.git\n')
})

describe('git outside of the sandbox obeys nothing that a job wrote', () => {
  it.skipIf(!hasBubblewrap)('in the fetch with flags of its own', async () => {
    open({ executor: bubblewrap() })
    const marker = join(lab.folder, 'obeyed')
    writeFileSync(
      join(lab.repository.source, 'pack.sh'),
      `#!/bin/sh\ngit -C "$CI_PROJECT_DIR" config submodule.lib.update '!touch ${marker}'\nexec git upload-pack "$@"\n`,
      { mode: 0o755 },
    )
    const sha = lab.repository.commit({ 'more.txt': 'more\n' })
    const flags = { GIT_FETCH_EXTRA_FLAGS: '--upload-pack=$CI_PROJECT_DIR/pack.sh' }
    const ended = await run(sha, { ...NORMAL, ...flags }, [
      'cat lib/lib.txt',
      'git config submodule.lib.update',
    ])
    expect(printed(ended.output)).toBe(`lib.txt\n!touch ${marker}\n`)
    expect(existsSync(marker)).toBe(false)
  })

  it('in a submodule that is not cleaned', async () => {
    const sha = open()
    const marker = join(lab.folder, 'obeyed')
    const unclean = { ...NORMAL, GIT_CLEAN_FLAGS: 'none' }
    await run(sha, unclean, [
      'rm -rf lib; git init -q lib; cd lib',
      `git config filter.x.smudge 'touch ${marker}; cat'`,
      "echo '* filter=x' > .git/info/attributes",
    ])
    await lab.runner.idle()
    const ended = await run(sha, unclean, ['cat lib/lib.txt'])
    expect(ended.end).toEqual(OK)
    expect(printed(ended.output)).toBe('lib.txt\n')
    expect(existsSync(marker)).toBe(false)
  })

  it('through a link in the place of a submodule, whose target stays as it is', async () => {
    const sha = open()
    const other = makeRepository(join(lab.folder, 'other'), 'mine.txt')
    const unclean = { ...NORMAL, GIT_CLEAN_FLAGS: 'none' }
    await run(sha, unclean, [`rm -rf lib; ln -s ${other} lib`])
    await lab.runner.idle()
    expect(printed((await run(sha, unclean, ['cat lib/lib.txt'])).output)).toBe('lib.txt\n')
    expect(existsSync(join(other, '.git/HEAD'))).toBe(true)
    expect(existsSync(join(other, 'mine.txt'))).toBe(true)
  })
})
