import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { openRepository } from '../../src/platform/git.ts'
import type { GitRepository } from '../../src/platform/git.ts'
import { makeRepository, runTestGit, temporaryFolder } from '../support/git.ts'
import type { TestRepository } from '../support/git.ts'

const opened: GitRepository[] = []
afterEach(() => {
  for (const repository of opened.splice(0)) repository.close()
})

function open(gitDir: string, options: { fileLimit?: number } = {}): GitRepository {
  const repository = openRepository(gitDir, options)
  opened.push(repository)
  return repository
}

describe('resolveRef', () => {
  function setUp(): { repository: TestRepository; git: GitRepository; first: string; second: string } {
    const repository = makeRepository({ files: { a: '1' } })
    const first = repository.git('rev-parse', 'HEAD')
    repository.git('branch', 'feature/x')
    repository.git('tag', 'light')
    repository.git('tag', '-a', 'v1', '-m', 'Release 1\n\nnotes')
    repository.git('tag', '-a', 'of-a-tag', '-m', 'outer', 'v1')
    repository.git('tag', 'of-a-file', 'HEAD:a')
    repository.git('branch', 'both')
    const second = repository.commit('second', { a: '2' })
    repository.git('tag', 'both')
    return { repository, git: open(repository.gitDir), first, second }
  }

  it('finds branches and tags', async () => {
    const { git, first, second } = setUp()
    const branch = { name: 'main', tag: false, sha: second, tagMessage: null }
    expect(await git.resolveRef('main')).toEqual(branch)
    expect(await git.resolveRef('refs/heads/main')).toEqual(branch)
    expect(await git.resolveRef('feature/x')).toEqual({
      name: 'feature/x',
      tag: false,
      sha: first,
      tagMessage: null,
    })
    expect(await git.resolveRef('light')).toEqual({ name: 'light', tag: true, sha: first, tagMessage: null })
    expect(await git.resolveRef('refs/tags/v1')).toEqual({
      name: 'v1',
      tag: true,
      sha: first,
      tagMessage: 'Release 1\n\nnotes',
    })
    expect(await git.resolveRef('of-a-tag')).toEqual({
      name: 'of-a-tag',
      tag: true,
      sha: first,
      tagMessage: 'outer',
    })
  })

  it('calls a name of both ambiguous, unless it is written in full', async () => {
    const { git, first, second } = setUp()
    expect(await git.resolveRef('both')).toBe('ambiguous')
    expect(await git.resolveRef('refs/heads/both')).toMatchObject({ tag: false, sha: first })
    expect(await git.resolveRef('refs/tags/both')).toMatchObject({ tag: true, sha: second })
  })

  it('finds nothing else', async () => {
    const { git, first, repository } = setUp()
    repository.git('update-ref', 'refs/heads/-x', 'HEAD')
    repository.git('update-ref', 'refs/remotes/origin/far', 'HEAD')
    const names = [
      '',
      'HEAD',
      '@',
      first,
      first.slice(0, 8),
      'main~1',
      'main^{}',
      'main^',
      'main@{0}',
      '@{-1}',
      'main:a',
      ':/second',
      '-x',
      'refs/heads/-x',
      '--help',
      '--upload-pack=touch /tmp/x',
      'refs/heads/',
      'refs/heads/v1',
      'refs/tags/main',
      'refs/remotes/origin/far',
      'origin/far',
      'heads/main',
      'tags/v1',
      'refs/main',
      'main\n',
      'main\0',
      'main\0info HEAD',
      ' main',
      'of-a-file',
      'MAIN',
      'main.lock',
      `v1-1-g${first.slice(0, 8)}`,
    ]
    for (const name of names) expect([name, await git.resolveRef(name)]).toEqual([name, 'not_found'])
  })

  it('is not misled by refs that git would also try, nor by names that look described', async () => {
    const { git, first, second, repository } = setUp()
    repository.git('update-ref', 'refs/heads/refs/heads/lost', 'HEAD')
    repository.git('update-ref', 'refs/tags/refs/heads/lost2', 'HEAD')
    expect(await git.resolveRef('lost')).toBe('not_found')
    expect(await git.resolveRef('lost2')).toBe('not_found')
    expect(await git.resolveRef('refs/heads/refs/heads/lost')).toMatchObject({
      name: 'refs/heads/lost',
      sha: second,
    })
    repository.git('branch', 'lost', first)
    expect(await git.resolveRef('lost')).toMatchObject({ sha: first })
    const described = `x-g${second.slice(0, 7)}`
    expect(await git.resolveRef(described)).toBe('not_found')
    repository.git('branch', described, first)
    expect(await git.resolveRef(described)).toMatchObject({ sha: first })
  })

  it('sees new commits, refs and packs at once', async () => {
    const { git, repository, second } = setUp()
    expect(await git.resolveRef('new')).toBe('not_found')
    repository.git('branch', 'new')
    expect(await git.resolveRef('new')).toMatchObject({ sha: second })
    repository.git('pack-refs', '--all', '--prune')
    repository.git('gc', '--quiet', '--prune=now')
    expect(await git.resolveRef('new')).toMatchObject({ sha: second })
    const third = repository.commit('third', { a: '3' })
    expect(await git.resolveRef('main')).toMatchObject({ sha: third })
    repository.git('branch', '-D', 'new')
    expect(await git.resolveRef('new')).toBe('not_found')
  })

  it.each([
    [
      'a bare repository',
      (repository: TestRepository) => {
        const folder = join(temporaryFolder(), 'bare.git')
        runTestGit('/', ['clone', '-q', '--bare', repository.root, folder])
        return folder
      },
    ],
    [
      'a linked work tree',
      (repository: TestRepository) => {
        const folder = join(temporaryFolder(), 'linked')
        repository.git('worktree', 'add', '-q', '--detach', folder)
        return runTestGit(folder, ['rev-parse', '--absolute-git-dir'])
      },
    ],
  ])('reads %s', async (_, derive) => {
    const repository = makeRepository({ files: { a: '1' } })
    const git = open(derive(repository))
    expect(await git.resolveRef('main')).toMatchObject({ sha: repository.git('rev-parse', 'main') })
  })

  it('reads sha256 repositories', async () => {
    const repository = makeRepository({ files: { 'd/a': '1' }, options: ['--object-format=sha256'] })
    const git = open(repository.gitDir)
    const sha = repository.git('rev-parse', 'HEAD')
    expect(sha).toHaveLength(64)
    expect(await git.resolveRef('main')).toMatchObject({ sha })
    expect((await git.readFile(sha, 'd/a'))?.bytes.toString()).toBe('1')
    expect((await git.commit(sha))?.message).toBe('first\n')
  })

  it('agrees with git show-ref about which refs exist', async () => {
    const repository = makeRepository({ files: { a: '1' } })
    const git = open(repository.gitDir)
    const piece = fc.constantFrom(
      'a',
      'b',
      '-',
      '.',
      '/',
      '@',
      '-g',
      '0',
      'refs/heads/',
      'refs/tags/',
      '.lock',
      '~1',
      '$',
      'ü',
      ' ',
    )
    const name = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''))
    const exists = (ref: string): boolean =>
      spawnSync('git', ['show-ref', '--verify', '--quiet', ref], { cwd: repository.root }).status === 0
    await fc.assert(
      fc.asyncProperty(name, fc.constantFrom('heads', 'tags'), name, async (made, kind, asked) => {
        spawnSync('git', ['update-ref', `refs/${kind}/${made}`, 'HEAD'], { cwd: repository.root })
        const full = /^refs\/(heads|tags)\//.test(asked)
        const short = full ? asked.replace(/^refs\/(heads|tags)\//, '') : asked
        const refs = full ? [asked] : [`refs/heads/${asked}`, `refs/tags/${asked}`]
        const found = short.startsWith('-') ? 0 : refs.filter(exists).length
        const result = await git.resolveRef(asked)
        expect([asked, typeof result === 'string' ? result : 'found']).toEqual([
          asked,
          ['not_found', 'found', 'ambiguous'][found],
        ])
      }),
      { numRuns: 100 },
    )
  })
})

describe('resolveRevision', () => {
  it('takes what git takes, and gives a commit', async () => {
    const repository = makeRepository({ files: { a: '1' } })
    const first = repository.git('rev-parse', 'HEAD')
    const second = repository.commit('second one', { a: '2' })
    repository.git('tag', '-a', 'v1', '-m', 'x', first)
    const git = open(repository.gitDir)
    const expected: [string, string | undefined][] = [
      ['HEAD', second],
      ['main', second],
      ['main~1', first],
      ['v1', first],
      ['v1^{}', first],
      [second.slice(0, 7), second],
      [second, second],
      [':/second', second],
      ['HEAD^{/first}', first],
      ['@{0}', second],
      ['', undefined],
      ['nope', undefined],
      ['HEAD:a', undefined],
      ['HEAD^{tree}', undefined],
      ['-x', undefined],
      ['--help', undefined],
      ['HEAD\nHEAD', undefined],
      ['HEAD\0', undefined],
      ['0'.repeat(40), undefined],
    ]
    for (const [revision, sha] of expected)
      expect([revision, await git.resolveRevision(revision)]).toEqual([revision, sha])
  })
})

describe('readFile', () => {
  it('reads regular files byte for byte, at the commit that is asked for', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256))
    const repository = makeRepository({
      files: { 'bin ary': bytes, 'd/e/run': { executable: '#!/bin/sh\n' }, 'new\nline/ü': 'x', empty: '' },
    })
    const sha = repository.git('rev-parse', 'HEAD')
    repository.commit('changed', { 'bin ary': 'other' })
    const git = open(repository.gitDir)
    expect(await git.readFile(sha, 'bin ary')).toEqual({
      blobId: repository.git('rev-parse', `${sha}:bin ary`),
      bytes,
    })
    expect((await git.readFile(sha, 'd/e/run'))?.bytes.toString()).toBe('#!/bin/sh\n')
    expect((await git.readFile(sha, 'new\nline/ü'))?.bytes.toString()).toBe('x')
    expect((await git.readFile(sha, 'empty'))?.bytes.length).toBe(0)
    expect(
      (await git.readFile(repository.git('rev-parse', 'HEAD^{tree}'), 'bin ary'))?.bytes.toString(),
    ).toBe('other')
  })

  it('reads nothing else', async () => {
    const repository = makeRepository({
      files: {
        'd/a': '1',
        link: { link: 'd/a' },
        'out/link': { link: '/etc/passwd' },
        dirlink: { link: 'd' },
      },
    })
    const sha = repository.git('rev-parse', 'HEAD')
    const git = open(repository.gitDir)
    for (const path of [
      'link',
      'out/link',
      'dirlink/a',
      'd',
      'none',
      'd/none',
      'none/a',
      'd/a/x',
      '',
      '/d/a',
      'd//a',
      './d/a',
      'd/../d/a',
      '../a',
      'd/',
      'd/a\0',
      'd\0/a',
    ]) {
      expect([path, await git.readFile(sha, path)]).toEqual([path, undefined])
    }
    expect(await git.readFile('0'.repeat(40), 'd/a')).toBeUndefined()
    await expect(git.readFile('HEAD', 'd/a')).rejects.toThrow('not a full sha')
  })

  it('reads only the beginning of a file over the limit', async () => {
    const repository = makeRepository({ files: { big: 'ab'.repeat(500_000), fits: 'x'.repeat(100_000) } })
    const sha = repository.git('rev-parse', 'HEAD')
    const git = open(repository.gitDir, { fileLimit: 100_000 })
    expect((await git.readFile(sha, 'big'))?.bytes).toEqual(Buffer.from('ab'.repeat(50_000)))
    expect((await git.readFile(sha, 'fits'))?.bytes.length).toBe(100_000)
  })
})

it('reads commits', async () => {
  const repository = makeRepository({ files: { a: '1' } })
  const first = repository.git('rev-parse', 'HEAD')
  const second = repository.commit('Title\n\nBody')
  const git = open(repository.gitDir)
  expect(await git.commit(second)).toEqual({
    sha: second,
    parents: [first],
    message: 'Title\n\nBody\n',
    authorName: 'Ada Lovelace',
    authorEmail: 'ada@example.com',
    authoredAt: '2024-05-06T07:08:09+02:00',
    committerName: 'Grace Hopper',
    committerEmail: 'grace@example.com',
    committedAt: '2024-05-06T08:09:10+02:00',
  })
  for (const sha of ['0'.repeat(40), repository.git('rev-parse', 'HEAD^{tree}'), 'HEAD', 'main'])
    expect(await git.commit(sha)).toBeUndefined()
})

it('lists branches and tags with their commits', async () => {
  const repository = makeRepository({ files: { a: '1' } })
  const sha = repository.git('rev-parse', 'HEAD')
  repository.git('branch', 'feature/ü')
  repository.git('tag', '-a', 'v1', '-m', 'x')
  repository.git('tag', '-a', 'v1-again', '-m', 'x', 'v1')
  repository.git('tag', 'file', 'HEAD:a')
  repository.git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  const git = open(repository.gitDir)
  const expected = [
    { name: 'feature/ü', tag: false, sha },
    { name: 'main', tag: false, sha },
    { name: 'v1', tag: true, sha },
    { name: 'v1-again', tag: true, sha },
  ]
  expect(await git.refs()).toEqual(expected)
  const next = repository.commit('next')
  expect(await git.refs()).toEqual(expected.map((ref) => (ref.name === 'main' ? { ...ref, sha: next } : ref)))
  expect(await open(makeRepository().gitDir).refs()).toEqual([])
})

it('keeps no process for a repository that was only listed', async () => {
  const repository = makeRepository({ files: { a: '1' } })
  const sha = repository.git('rev-parse', 'HEAD')
  repository.git('tag', '-a', 'v1', '-m', 'x')
  const git = open(repository.gitDir)
  expect(await git.refs()).toHaveLength(2)
  expect(processesOn(repository.gitDir)).toEqual([])
  await git.commit(sha)
  expect(processesOn(repository.gitDir)).toHaveLength(1)
})

/** The commands of git that run at the moment and name this folder. */
function processesOn(gitDir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return []
      }
    })
    .filter((command) => command.includes(`--git-dir=${gitDir}`))
}

describe('paths', () => {
  it('lists all files', async () => {
    const repository = makeRepository({ files: { a: '1', 'd/e f': '2', 'd/ü\n': '3', l: { link: 'a' } } })
    expect(await open(repository.gitDir).treePaths(repository.git('rev-parse', 'HEAD'))).toEqual([
      'a',
      'd/e f',
      'd/ü\n',
      'l',
    ])
  })

  it('lists what differs, both names of a rename', async () => {
    const repository = makeRepository({
      files: {
        same: '1',
        changed: '1',
        gone: '1',
        'old/name': 'long enough to be seen as renamed\n',
        mode: 'x',
      },
    })
    const from = repository.git('rev-parse', 'HEAD')
    const to = repository.commit('second', {
      changed: '2',
      gone: null,
      'old/name': null,
      'new/name': 'long enough to be seen as renamed\n',
      mode: { executable: 'x' },
      'add ed': '1',
    })
    const git = open(repository.gitDir)
    const paths = ['add ed', 'changed', 'gone', 'mode', 'new/name', 'old/name']
    expect(await git.changedPaths(from, to)).toEqual(paths)
    expect(await git.changedPaths(repository.git('rev-parse', `${from}^{tree}`), to)).toEqual(paths)
    expect(await git.changedPaths(to, to)).toEqual([])
    // The empty tree, which git knows without having it.
    expect(await git.changedPaths('4b825dc642cb6eb9a060e54bf8d69288fbee4904', from)).toEqual([
      'changed',
      'gone',
      'mode',
      'old/name',
      'same',
    ])
    await expect(git.changedPaths('1'.repeat(40), to)).rejects.toThrow('bad object')
    await expect(git.changedPaths('--output=x', to)).rejects.toThrow('not a full sha')
  })
})

describe('the process behind it', () => {
  /** Pids of our children that read this repository. */
  const readers = (gitDir: string): number[] =>
    readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .map(Number)
      .filter((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
          return (
            line.includes('cat-file') &&
            line.includes(gitDir) &&
            !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
          )
        } catch {
          return false
        }
      })

  it('is one, answers many at once in order, and starts again when it dies', async () => {
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`f${at}`, `${at}`.repeat(2000)]))
    const repository = makeRepository({ files })
    const sha = repository.git('rev-parse', 'HEAD')
    const git = open(repository.gitDir)
    const readAll = async (): Promise<void> => {
      const contents = await Promise.all(
        Object.keys(files).map(async (path) => (await git.readFile(sha, path))?.bytes.toString()),
      )
      expect(contents).toEqual(Object.values(files))
    }
    await readAll()
    const [pid, ...others] = readers(repository.gitDir)
    expect(others).toEqual([])
    const pending = readAll()
    process.kill(pid ?? 0, 'SIGKILL')
    await pending
    expect(readers(repository.gitDir)).not.toContain(pid)
    await readAll()
  })

  it('ends on close, and a later call starts it again', async () => {
    const repository = makeRepository({ files: { a: '1' } })
    const git = open(repository.gitDir)
    const pending = git.resolveRef('main')
    git.close()
    expect(await pending).toMatchObject({ name: 'main' })
    expect(await git.resolveRef('main')).toMatchObject({ name: 'main' })
    git.close()
    while (readers(repository.gitDir).length > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(await git.resolveRef('main')).toMatchObject({ name: 'main' })
  })

  it('says so when there is no repository', async () => {
    const git = open(join(temporaryFolder(), 'none'))
    await expect(git.resolveRef('main')).rejects.toThrow('not a git repository')
    await expect(git.resolveRef('main')).rejects.toThrow('not a git repository')
    await expect(git.refs()).rejects.toThrow('not a git repository')
  })

  it('gives up only what touches a damaged object', async () => {
    const repository = makeRepository({ files: { good: 'good', bad: 'bad' } })
    const blob = repository.git('rev-parse', 'HEAD:bad')
    const path = join(repository.gitDir, 'objects', blob.slice(0, 2), blob.slice(2))
    rmSync(path)
    repository.write({ [path.slice(repository.root.length + 1)]: 'not zlib' })
    const sha = repository.git('rev-parse', 'HEAD')
    const git = open(repository.gitDir)
    const [bad, good] = await Promise.allSettled([git.readFile(sha, 'bad'), git.readFile(sha, 'good')])
    expect(good).toMatchObject({ status: 'fulfilled', value: { bytes: Buffer.from('good') } })
    expect(bad.status === 'rejected' || bad.value === undefined).toBe(true)
    expect((await git.readFile(sha, 'good'))?.bytes.toString()).toBe('good')
  })

  it('keeps node alive for an answer and not longer', () => {
    const repository = makeRepository({ files: { a: '1' } })
    const module = pathToFileURL(join(import.meta.dirname, '../../src/platform/git.ts')).href
    const script = `import(${JSON.stringify(module)}).then(async ({ openRepository }) => {
      const git = openRepository(${JSON.stringify(repository.gitDir)})
      console.log((await git.resolveRef('main')).sha)
    })`
    const result = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
      encoding: 'utf8',
      timeout: 30_000,
      cwd: join(import.meta.dirname, '../..'),
    })
    expect([result.stdout, result.signal]).toEqual([`${repository.git('rev-parse', 'HEAD')}\n`, null])
  })
})
