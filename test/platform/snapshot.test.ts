import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openMirror } from '../../src/platform/mirror.ts'
import { snapshotWorkTree } from '../../src/platform/snapshot.ts'
import type { WorkTreeSnapshot } from '../../src/platform/snapshot.ts'
import { findWorkTree } from '../../src/platform/work-tree.ts'
import { makeRepository, runTestGit, temporaryFolder } from '../support/git.ts'
import type { TestRepository } from '../support/git.ts'

const MB = 1_000_000

interface Taken extends WorkTreeSnapshot {
  readonly mirror: string
  /** The files of the snapshot, or of `sha` when the tree is clean: mode and content by path. */
  readonly files: Readonly<Record<string, string>>
}

/** Takes a snapshot, and holds that nothing below `.git` has changed meanwhile. */
async function take(root: string, limit = 100 * MB, except = /^$/): Promise<Taken> {
  const tree = await findWorkTree(root)
  if (!tree) throw new Error('no work tree')
  const mirror = join(temporaryFolder(), 'mirror')
  await openMirror({ source: tree.gitDir, mirror, borrow: true })
  const before = fingerprint(tree.commonDir, except)
  const snapshot = await snapshotWorkTree(tree, mirror, limit)
  expect(fingerprint(tree.commonDir, except)).toEqual(before)
  return { ...snapshot, mirror, files: filesOf(mirror, snapshot.snapshotSha ?? snapshot.sha) }
}

function filesOf(gitDir: string, sha: string): Record<string, string> {
  const rows = runTestGit(gitDir, ['ls-tree', '-r', '-z', sha]).split('\0').filter(Boolean)
  return Object.fromEntries(
    rows.map((row) => {
      const [, mode = '', type, id = '', path = ''] = /^(\d+) (\w+) (\w+)\t(.*)$/s.exec(row) ?? []
      return [
        path,
        type === 'blob' ? `${mode} ${runTestGit(gitDir, ['cat-file', 'blob', id])}` : `${mode} ${id}`,
      ]
    }),
  )
}

/** Everything in a folder with size, times and content. */
function fingerprint(folder: string, except: RegExp): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !except.test(path))
    .toSorted()
  return Object.fromEntries(
    entries.map((path) => {
      const stat = lstatSync(join(folder, path), { bigint: true })
      const content = stat.isFile()
        ? readFileSync(join(folder, path), 'latin1')
        : stat.isSymbolicLink()
          ? readlinkSync(join(folder, path))
          : ''
      return [path, `${stat.mode} ${stat.ino} ${stat.nlink} ${stat.mtimeNs} ${stat.ctimeNs} ${content}`]
    }),
  )
}

function repositoryWith(
  files: Parameters<TestRepository['write']>[0] = { a: '1', 'd/b': '2' },
): TestRepository {
  return makeRepository({ files })
}

afterEach(() => void vi.unstubAllEnvs())

describe('a clean tree', () => {
  it('runs HEAD itself', async () => {
    const { root, git } = repositoryWith({ a: '1', '.gitignore': 'out\n' })
    const head = git('rev-parse', 'HEAD')
    mkdirSync(join(root, 'empty folder'))
    writeFileSync(join(root, 'out'), 'ignored')
    const { sha, snapshotSha, notices, mirror } = await take(root)
    expect({ sha, snapshotSha, notices }).toEqual({ sha: head, snapshotSha: null, notices: [] })
    expect(readdirSync(join(mirror, 'objects')).toSorted()).toEqual(['info', 'pack'])
  })

  it('stays clean when files were only touched, copied, or changed back', async () => {
    const { root, git, write } = repositoryWith()
    utimesSync(join(root, 'a'), 1, 1)
    expect(await take(root)).toMatchObject({ snapshotSha: null })
    write({ a: 'other' })
    git('add', 'a')
    write({ a: '1' })
    expect(await take(root)).toMatchObject({ snapshotSha: null, sha: git('rev-parse', 'HEAD') })
    const copy = join(temporaryFolder(), 'copy')
    cpSync(root, copy, { recursive: true })
    expect(await take(copy)).toMatchObject({ snapshotSha: null })
  })
})

describe('a dirty tree', () => {
  it('is a commit on HEAD with everything that is on the disk', async () => {
    const { root, git, write } = repositoryWith({
      kept: 'k',
      changed: 'old',
      gone: 'g',
      run: 'r',
      'd/x': 'x',
      staged: 's',
      'staged gone': 's',
      '.gitignore': '*.log\n',
      ' odd\n-name ü': '1',
    })
    const head = git('rev-parse', 'HEAD')
    write({ staged: 'staged', 'added and changed': 'first' })
    git('rm', '-q', '--cached', 'staged gone')
    git('add', 'staged', 'added and changed')
    write({
      changed: 'new',
      gone: null,
      'staged gone': null,
      run: { executable: 'r' },
      'added and changed': 'second',
      'new/deep/er': 'n',
      'x.log': 'ignored',
      link: { link: '../nowhere' },
      ' odd\n-name ü': '2',
      '-rf': 'dash',
      'binary \\ "quoted"': 'b',
      ':(top)magic*': 'm',
    })
    const { sha, snapshotSha, notices, files, mirror } = await take(root)
    expect([sha, notices]).toEqual([head, []])
    expect(files).toEqual({
      kept: '100644 k',
      changed: '100644 new',
      run: '100755 r',
      'd/x': '100644 x',
      staged: '100644 staged',
      '.gitignore': '100644 *.log',
      'added and changed': '100644 second',
      'new/deep/er': '100644 n',
      link: '120000 ../nowhere',
      ' odd\n-name ü': '100644 2',
      '-rf': '100644 dash',
      'binary \\ "quoted"': '100644 b',
      ':(top)magic*': '100644 m',
    })
    expect(runTestGit(mirror, ['log', '-2', '--format=%H %P', snapshotSha ?? ''])).toBe(
      `${snapshotSha} ${head}\n${head} `,
    )
    expect(git('rev-parse', 'HEAD')).toBe(head)
    expect(git('diff', '--cached', '--name-status')).toBe('A\tadded and changed\nM\tstaged\nD\tstaged gone')
  })

  it.each<[string, Parameters<TestRepository['write']>[0], Record<string, string>]>([
    ['a staged change only', {}, { a: '100644 staged', 'd/b': '100644 2' }],
    ['a change', { a: 'x' }, { a: '100644 x', 'd/b': '100644 2' }],
    ['an empty new file', { n: '' }, { a: '100644 staged', 'd/b': '100644 2', n: '100644 ' }],
    ['a mode', { a: { executable: 'staged' } }, { a: '100755 staged', 'd/b': '100644 2' }],
    ['a file that became a link', { a: { link: 'd/b' } }, { a: '120000 d/b', 'd/b': '100644 2' }],
    ['a file that became a folder', { a: null, 'a/c': 'x' }, { 'a/c': '100644 x', 'd/b': '100644 2' }],
    ['everything deleted', { a: null, 'd/b': null }, {}],
  ])('%s', async (_, change, expected) => {
    const { root, git, write } = repositoryWith()
    write({ a: 'staged' })
    git('add', 'a')
    write(change)
    const { snapshotSha, files } = await take(root)
    expect(snapshotSha).not.toBeNull()
    expect(files).toEqual(expected)
  })

  it('follows a folder that became a file or a link, also an ignored one', async () => {
    const { root, write } = repositoryWith({ 'd/b': '2', 'e/c': '3', 'f/g': '4' })
    for (const folder of ['d', 'e', 'f']) rmSync(join(root, folder), { recursive: true })
    write({ d: 'file', e: { link: '/etc' }, f: { link: '/etc' }, '.gitignore': '/f\n' })
    expect((await take(root)).files).toEqual({
      d: '100644 file',
      e: '120000 /etc',
      '.gitignore': '100644 /f',
    })
  })

  it('sees a change of the same size in the same moment as the index was written', async () => {
    const { root, gitDir, git, write } = repositoryWith({ a: '1' })
    const moment = 1_700_000_000
    git('config', 'core.trustctime', 'false')
    writeFileSync(join(root, 'a'), '2')
    utimesSync(join(root, 'a'), moment, moment)
    git('add', 'a')
    writeFileSync(join(root, 'a'), '3')
    utimesSync(join(root, 'a'), moment, moment)
    utimesSync(join(gitDir, 'index'), moment, moment)
    write({ other: 'so that it is dirty anyway' })
    expect((await take(root)).files).toMatchObject({ a: '100644 3' })
  })

  it('takes unmerged files as they lie there', async () => {
    const { root, git, commit, write } = repositoryWith({ a: '1', b: '1' })
    git('checkout', '-q', '-b', 'side')
    commit('side', { a: 'side', b: null })
    git('checkout', '-q', 'main')
    commit('main', { a: 'main', b: '2' })
    expect(() => git('merge', 'side')).toThrow('Command failed')
    write({ b: null })
    const { files } = await take(root)
    expect(Object.keys(files)).toEqual(['a'])
    expect(files['a']).toContain('<<<<<<<')
  })

  it('is what `git add -A` would make', async () => {
    const { root, git, write } = repositoryWith({ a: '1', 'd/b': '2', 'd/c': '3' })
    git('add', '-N', '.')
    write({ 'to be added': 'x', 'not there': 'y' })
    git('add', '-N', 'to be added', 'not there')
    git('update-index', '--assume-unchanged', 'd/c')
    write({ 'not there': null, 'd/c': 'hidden', 'd/b': 'changed' })
    const { files } = await take(root)
    git('add', '-A')
    expect(files).toEqual(filesOf(root, git('write-tree')))
    expect(files).toEqual({
      a: '100644 1',
      'd/b': '100644 changed',
      'd/c': '100644 3',
      'to be added': '100644 x',
    })
  })

  it('is that, whatever was done before', async () => {
    const path = fc.constantFrom('a', 'd/b', 'd/c/e', 'd', 'a/f')
    const content = fc.oneof(
      fc.constantFrom('1', '2', ''),
      fc.constantFrom({ link: 'a' }, { executable: '1' }),
    )
    const step = fc.oneof(
      fc.record({ deed: fc.constant('write' as const), path, content }),
      fc.record({
        deed: fc.constantFrom('delete' as const, 'add' as const, 'unstage' as const, 'intend' as const),
        path,
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const { root, git, write } = repositoryWith({ a: '1', 'd/b': '1', 'd/c/e': '2' })
        for (const { deed, path: target, ...rest } of steps) {
          // A step that makes no sense here, such as adding what is not there, is passed over.
          try {
            if (deed === 'write' && 'content' in rest) {
              rmSync(join(root, target), { recursive: true, force: true })
              write({ [target]: rest.content })
            } else if (deed === 'delete') rmSync(join(root, target), { recursive: true, force: true })
            else if (deed === 'add') git('add', '-A', '--', target)
            else if (deed === 'unstage') git('rm', '-q', '--cached', '-r', '--', target)
            else git('add', '-N', '--', target)
          } catch {
            continue
          }
        }
        const { files, snapshotSha } = await take(root)
        git('add', '-A')
        const tree = git('write-tree')
        expect(files).toEqual(filesOf(root, tree))
        expect(snapshotSha === null).toBe(tree === git('rev-parse', 'HEAD^{tree}'))
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  it('keeps what a sparse checkout leaves out', async () => {
    const { root, git, write } = repositoryWith({ 'in/a': '1', 'out/b': '2' })
    git('sparse-checkout', 'set', '--cone', '--sparse-index', 'in')
    expect(await take(root)).toMatchObject({ snapshotSha: null })
    write({ 'in/a': 'changed' })
    expect((await take(root)).files).toEqual({ 'in/a': '100644 changed', 'out/b': '100644 2' })
  })

  it.each([
    ['core.untrackedCache', 'true'],
    ['feature.manyFiles', 'true'],
    ['status.showUntrackedFiles', 'no'],
    ['core.fsmonitor', 'true'],
    ['commit.gpgSign', 'true'],
  ])('does not depend on %s', async (key, value) => {
    const { root, git, write } = repositoryWith()
    git('config', key, value)
    if (key !== 'core.fsmonitor') git('update-index', '--refresh', '-q')
    write({ a: 'x', new: 'y' })
    expect((await take(root)).files).toEqual({ a: '100644 x', 'd/b': '100644 2', new: '100644 y' })
  })

  it('leaves no shared index of its own beside a split index', async () => {
    const { root, gitDir, git, write } = repositoryWith()
    git('config', 'core.splitIndex', 'true')
    git('update-index', '--split-index')
    write({ a: 'x', new: 'y' })
    const shared = (): string[] => readdirSync(gitDir).filter((name) => name.startsWith('sharedindex'))
    const before = shared()
    expect(before).toHaveLength(1)
    // git itself renews the time of the shared half whenever it reads it.
    expect((await take(root, 100 * MB, /^sharedindex/)).files).toEqual({
      a: '100644 x',
      'd/b': '100644 2',
      new: '100644 y',
    })
    expect(shared()).toEqual(before)
  })

  it('applies the filters and line endings of the user', async () => {
    const { root, git, write } = repositoryWith({
      '.gitattributes': '*.up filter=up\n*.txt text\n',
      'a.up': 'x',
    })
    git('config', 'filter.up.clean', 'tr a-z A-Z')
    write({ 'a.up': 'shout', 'b.txt': 'one\r\ntwo\r\n' })
    expect((await take(root)).files).toMatchObject({ 'a.up': '100644 SHOUT', 'b.txt': '100644 one\ntwo' })
  })

  it('keeps CRLF as `git add` would where line endings are automatic', async () => {
    const { root, git, write } = repositoryWith({ 'had.txt': 'one\r\n', 'had-not.txt': 'one\n' })
    git('config', 'core.autocrlf', 'true')
    write({ 'had.txt': 'one\r\ntwo\r\n', 'had-not.txt': 'one\r\ntwo\r\n', 'new.txt': 'one\r\n' })
    const { files } = await take(root)
    expect(files).toEqual({
      'had.txt': '100644 one\r\ntwo\r',
      'had-not.txt': '100644 one\ntwo',
      'new.txt': '100644 one',
    })
    git('add', '-A')
    expect(files).toEqual(filesOf(root, git('write-tree')))
  })

  it('does not touch objects that hold the new content already, loose or packed', async () => {
    const { root, git, commit, write } = repositoryWith({ a: '1', 'd/b': '2', empty: '' })
    commit('second', { a: 'later', 'd/b': 'later' })
    git('gc', '--quiet')
    commit('third', { a: 'last' })
    write({ a: '1', 'd/b': '2', 'd/copy': 'last', 'another empty': '' })
    expect((await take(root)).files).toEqual({
      a: '100644 1',
      'd/b': '100644 2',
      'd/copy': '100644 last',
      empty: '100644 ',
      'another empty': '100644 ',
    })
  })

  it('unfolds a sparse index for a file outside of what is checked out', async () => {
    const { root, git, write } = repositoryWith({ 'in/a': '1', 'out/b': '2', 'out/deep/c': '3' })
    git('sparse-checkout', 'set', '--cone', '--sparse-index', 'in')
    write({ 'out/deep/new': 'n' })
    const tree = await findWorkTree(root)
    const mirror = join(temporaryFolder(), 'mirror')
    await openMirror({ source: join(root, '.git'), mirror, borrow: true })
    const { snapshotSha } = (tree && (await snapshotWorkTree(tree, mirror, MB))) ?? {}
    expect(filesOf(mirror, snapshotSha ?? '')).toEqual({
      'in/a': '100644 1',
      'out/b': '100644 2',
      'out/deep/c': '100644 3',
      'out/deep/new': '100644 n',
    })
  })

  it("honours the user's own ignore file", async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'ignore'), '*.swp\n')
    writeFileSync(join(home, '.gitconfig'), `[core]\n\texcludesFile = ${join(home, 'ignore')}\n`)
    vi.stubEnv('HOME', home)
    const { root, write } = repositoryWith()
    write({ '.a.swp': 'x' })
    expect(await take(root)).toMatchObject({ snapshotSha: null })
  })

  it('keeps names that are not UTF-8', async () => {
    const { root } = repositoryWith({ a: '1' })
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), 'x')
    const { mirror, snapshotSha } = await take(root)
    const names = execFileSync('git', ['ls-tree', '-z', '--name-only', snapshotSha ?? ''], { cwd: mirror })
    expect(names).toEqual(Buffer.from('a\0f\xff\0', 'latin1'))
  })

  it('gives the words of a filter that fails', async () => {
    const { root, git, write } = repositoryWith({ '.gitattributes': '*.up filter=up\n', a: '1' })
    git('config', 'filter.up.clean', 'false')
    git('config', 'filter.up.required', 'true')
    write({ 'b.up': 'x' })
    await expect(take(root)).rejects.toThrow("clean filter 'up' failed")
  })
})

describe('what is left out', () => {
  it('names new files over the limit, and takes tracked ones of any size', async () => {
    const { root, write } = repositoryWith({ tracked: 'small' })
    write({
      tracked: 'x'.repeat(3000),
      'big.iso': 'x'.repeat(2000),
      fits: 'x'.repeat(1000),
      huge: 'x'.repeat(1_250_000),
    })
    const { notices, files } = await take(root, 1000)
    expect(notices).toEqual([
      'left out: big.iso (2 kB), over run.snapshot_limit',
      'left out: huge (1.3 MB), over run.snapshot_limit',
    ])
    expect(Object.keys(files)).toEqual(['fits', 'tracked'])
  })

  it('is still clean when nothing else has changed, and sums many up', async () => {
    const { root, write } = repositoryWith()
    write(Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`big\n${at}`, 'x'.repeat(15_000)])))
    const { snapshotSha, notices } = await take(root, 1000)
    expect(snapshotSha).toBeNull()
    expect(notices).toHaveLength(6)
    expect(notices[0]).toBe('left out: "big\\n0" (15 kB), over run.snapshot_limit')
    expect(notices[5]).toBe('left out: 4 more files (60 kB), over run.snapshot_limit')
  })

  it('records submodules at their own commit and says what that leaves out', async () => {
    const library = repositoryWith({ lib: '1' })
    const outer = repositoryWith({ a: '1' })
    outer.git('submodule', '--quiet', 'add', library.root, 'lib')
    outer.commit('submodule')
    const head = outer.git('rev-parse', 'HEAD')
    expect(await take(outer.root)).toMatchObject({ sha: head, snapshotSha: null, notices: [] })
    writeFileSync(join(outer.root, 'lib/lib'), 'changed')
    writeFileSync(join(outer.root, 'lib/new'), 'new')
    const dirty = await take(outer.root)
    expect([dirty.snapshotSha, dirty.notices]).toEqual([
      null,
      ['left out: uncommitted changes in submodule lib'],
    ])
    runTestGit(join(outer.root, 'lib'), ['add', '-A'])
    runTestGit(join(outer.root, 'lib'), ['commit', '-q', '-m', 'inside'])
    const moved = await take(outer.root)
    expect(moved.notices).toEqual([])
    expect(moved.files['lib']).toBe(`160000 ${runTestGit(join(outer.root, 'lib'), ['rev-parse', 'HEAD'])}`)
  })

  it('records repositories inside as git does, and bears one without a commit', async () => {
    const { root, write } = repositoryWith({ a: '1' })
    const inner = makeRepository({ folder: join(root, 'vendor/x'), files: { i: '1' } })
    makeRepository({ folder: join(root, 'vendor/empty') }).write({ file: 'x' })
    write({ a: '2' })
    const { files, notices } = await take(root)
    expect(files).toEqual({ a: '100644 2', 'vendor/x': `160000 ${inner.git('rev-parse', 'HEAD')}` })
    expect([...notices].toSorted()).toEqual([
      'left out: the files of vendor/empty, a git repository of its own',
      'left out: the files of vendor/x, a git repository of its own',
    ])
  })
})

describe('unusual repositories', () => {
  it('makes a first commit where there is none', async () => {
    const { root, write } = makeRepository()
    const empty = await take(root)
    expect([empty.snapshotSha, empty.files]).toEqual([null, {}])
    write({ a: '1', '.gitignore': 'b', b: '2' })
    const { sha, snapshotSha, files, mirror } = await take(root)
    expect(snapshotSha).toBeNull()
    expect(files).toEqual({ a: '100644 1', '.gitignore': '100644 b' })
    expect(runTestGit(mirror, ['rev-list', '--count', sha])).toBe('1')
  })

  it('works in linked work trees, beside others', async () => {
    const { root, git, write } = repositoryWith({ a: '1' })
    const linked = join(temporaryFolder(), 'linked')
    git('worktree', 'add', '-q', '-b', 'side', linked)
    write({ a: 'not this' })
    expect(await take(linked)).toMatchObject({ snapshotSha: null })
    writeFileSync(join(linked, 'a'), 'this')
    expect((await take(linked)).files).toEqual({ a: '100644 this' })
    expect((await take(root)).files).toEqual({ a: '100644 not this' })
  })

  it('works in a repository that borrows its objects, under any path', async () => {
    const { root, commit } = repositoryWith({ a: '1', 'd/b': '2' })
    commit('second', { a: '2' })
    for (const name of ['with space', 'new\nline', 'a:b', '"quoted"', '#hash']) {
      const clone = join(temporaryFolder(), name)
      runTestGit('/', ['clone', '-q', '--shared', root, clone])
      writeFileSync(join(clone, 'a'), name)
      const { files, sha } = await take(clone)
      expect([sha, files]).toEqual([
        runTestGit(root, ['rev-parse', 'HEAD']),
        { a: `100644 ${name}`, 'd/b': '100644 2' },
      ])
    }
  })

  it('works in a shallow clone', async () => {
    const { root, commit } = repositoryWith({ a: '1' })
    commit('second', { a: '2' })
    const clone = join(temporaryFolder(), 'shallow')
    runTestGit('/', ['clone', '-q', '--depth=1', `file://${root}`, clone])
    writeFileSync(join(clone, 'a'), '3')
    const { mirror, snapshotSha } = await take(clone)
    expect(runTestGit(mirror, ['rev-list', '--count', snapshotSha ?? ''])).toBe('2')
  })

  it('works with sha256', async () => {
    const { root, write } = makeRepository({ files: { a: '1' }, options: ['--object-format=sha256'] })
    write({ a: '2' })
    const { snapshotSha, files } = await take(root)
    expect([snapshotSha?.length, files]).toEqual([64, { a: '100644 2' }])
  })

  it('works from inside a hook', async () => {
    const other = repositoryWith()
    const { root, write } = repositoryWith({ a: '1' })
    write({ a: '2' })
    vi.stubEnv('GIT_DIR', other.gitDir)
    vi.stubEnv('GIT_INDEX_FILE', join(other.gitDir, 'index'))
    vi.stubEnv('GIT_AUTHOR_NAME', 'Someone Else')
    expect((await take(root)).files).toEqual({ a: '100644 2' })
  })

  it('does not wait for, or disturb, a lock on the index', async () => {
    const { root, gitDir, write } = repositoryWith({ a: '1' })
    writeFileSync(join(gitDir, 'index.lock'), '')
    write({ a: '2' })
    expect((await take(root)).files).toEqual({ a: '100644 2' })
  })

  it('takes several at once', async () => {
    const { root, write } = repositoryWith({ a: '1' })
    write({ a: '2', n: '3' })
    const tree = await findWorkTree(root)
    const mirror = join(temporaryFolder(), 'mirror')
    await Promise.all(
      [1, 2, 3, 4].map(async () => {
        await openMirror({ source: join(root, '.git'), mirror, borrow: true })
        const { snapshotSha } = (tree && (await snapshotWorkTree(tree, mirror, MB))) ?? {}
        expect(filesOf(mirror, snapshotSha ?? '')).toEqual({ a: '100644 2', n: '100644 3' })
      }),
    )
  })
})

it('leaves nothing behind but objects', async () => {
  const temporary = temporaryFolder()
  vi.stubEnv('TMPDIR', temporary)
  const { root } = makeRepository({ folder: join(temporary, 'repository'), files: { a: '1' } })
  const tree = await findWorkTree(root)
  const mirror = join(temporary, 'mirror')
  await openMirror({ source: join(root, '.git'), mirror, borrow: true })
  appendFileSync(join(root, 'a'), 'x')
  copyFileSync(join(root, 'a'), join(root, 'b'))
  await (tree && snapshotWorkTree(tree, mirror, MB))
  expect(readdirSync(temporary).toSorted()).toEqual(['mirror', 'repository'])
  expect(readdirSync(mirror).toSorted()).toEqual(['HEAD', 'config', 'objects', 'refs'])
})
