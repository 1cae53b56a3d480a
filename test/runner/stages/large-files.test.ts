import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { harness, printed, section, type Ended, type Harness } from '../support/harness.ts'
import { bubblewrap, shell } from '../support/executors.ts'
import { variable } from '../support/payload.ts'

/** `git-lfs` of Debian; without it only the warning can be seen (get-sources.test.ts), and the tests' start says so. */
const installed = spawnSync('git-lfs', ['version']).error === undefined

let lab: Harness
afterEach(() => lab?.close())

const git = (cwd: string, ...args: string[]) =>
  execFileSync(
    'git',
    [
      ...['protocol.file.allow=always', 'user.name=T', 'user.email=t@example.com'].flatMap((each) => [
        '-c',
        each,
      ]),
      ...['clean=git-lfs clean -- %f', 'smudge=git-lfs smudge -- %f', 'required=true'].flatMap((each) => [
        '-c',
        `filter.lfs.${each}`,
      ]),
      ...args,
    ],
    { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' }, stdio: 'pipe' },
  ).trim()

/** Commits `big.bin` by way of git-lfs, so that its content lies in `.git/lfs` of that repository. */
function addLargeFile(source: string, attributes = '.gitattributes'): void {
  mkdirSync(join(source, attributes, '..'), { recursive: true })
  writeFileSync(join(source, attributes), '*.bin filter=lfs diff=lfs merge=lfs -text\n')
  writeFileSync(join(source, attributes, '../big.bin'), 'the content\n')
  git(source, 'add', '--all')
  git(source, 'commit', '--quiet', '--message=large')
}

function open(executor = shell()): string {
  const paths = new Map<string, string>()
  lab = harness(executor, { concurrency: 1, pathOf: (project) => paths.get(project) })
  paths.set('group/app', lab.repository.source)
  return lab.repository.source
}

/** The newest commit, brought into the mirror. The repository's own `commit` would add the files without git-lfs. */
function mirrored(): string {
  const { source, mirror } = lab.repository
  git(mirror, 'fetch', '--quiet', source, '+refs/heads/*:refs/heads/*')
  return git(source, 'rev-parse', 'HEAD')
}

const run = (sha: string, script: readonly string[], values: Readonly<Record<string, string>> = {}) =>
  lab.run({ sha, script, variables: Object.entries(values).map(([key, value]) => variable(key, value)) })
const shown = ({ output }: Ended): string => printed(output)
const OK = { state: 'success' }

describe.skipIf(!installed)('files in Git LFS', () => {
  it.each([
    ['shell', shell],
    ['bubblewrap', bubblewrap],
  ])('come from the repository that is served, and git does not see a change: %s', async (_, executor) => {
    addLargeFile(open(executor()))
    const sha = mirrored()
    for (let round = 0; round < 2; round++) {
      const ended = await run(sha, ['cat big.bin', 'git status --porcelain'])
      expect(ended.end).toEqual(OK)
      expect(shown(ended)).toBe('the content\n')
    }
  })

  it('are asked for where a folder below has the attributes', async () => {
    addLargeFile(open(), 'assets/.gitattributes')
    expect(shown(await run(mirrored(), ['cat assets/big.bin']))).toBe('the content\n')
  })

  it('come from the remote when they are nowhere near', async () => {
    const source = open()
    addLargeFile(source)
    const remote = join(lab.folder, 'remote.git')
    cpSync(join(source, '.git'), remote, { recursive: true })
    git(remote, 'config', 'core.bare', 'true')
    rmSync(join(source, '.git/lfs'), { recursive: true })
    git(source, 'remote', 'add', 'origin', `file://${remote}`)
    expect(shown(await run(mirrored(), ['cat big.bin']))).toBe('the content\n')
  })

  it('that are nowhere fail the job with the words of git-lfs', async () => {
    const source = open()
    addLargeFile(source)
    rmSync(join(source, '.git/lfs'), { recursive: true })
    git(source, 'remote', 'add', 'origin', 'file:///nowhere/x.git')
    const ended = await run(mirrored(), ['echo not run'])
    expect(ended.end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 2 })
    expect(section(ended.log, 'get_sources')).toContain(
      "Failed to fetch some objects from 'file:///nowhere/x.git'",
    )
  })

  it('stay pointers with GIT_LFS_SKIP_SMUDGE', async () => {
    addLargeFile(open())
    const ended = await run(mirrored(), ['head -n 1 big.bin'], { GIT_LFS_SKIP_SMUDGE: '1' })
    expect(shown(ended)).toBe('version https://git-lfs.github.com/spec/v1\n')
  })

  it.each([
    [{}, 'the content\n'],
    [{ GIT_LFS_SKIP_SMUDGE: '1' }, 'version https://git-lfs.github.com/spec/v1\n'],
  ])('of a submodule come as well: %j', async (values, content) => {
    const source = open()
    const lib = join(lab.folder, 'lib')
    mkdirSync(lib)
    git(lib, 'init', '--quiet', '--initial-branch=main')
    addLargeFile(lib)
    git(source, 'submodule', '--quiet', 'add', '../lib', 'lib')
    git(source, 'commit', '--quiet', '--message=lib')
    const script = ['head -n 1 lib/big.bin', 'git -C lib status --porcelain']
    const ended = await run(mirrored(), script, { GIT_SUBMODULE_STRATEGY: 'normal', ...values })
    expect(ended.end).toEqual(OK)
    expect(shown(ended)).toBe(content)
  })
})
