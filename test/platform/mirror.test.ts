import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { objectFormatOf } from '../../src/platform/bare-repository.ts'
import { sweepMirror } from '../../src/platform/mirror-sweep.ts'
import { fetchInto, openMirror, pin, unpin } from '../../src/platform/mirror.ts'
import { snapshotWorkTree } from '../../src/platform/snapshot.ts'
import { findWorkTree } from '../../src/platform/work-tree.ts'
import { makeRepository, runTestGit, temporaryFolder } from '../support/git.ts'
import type { TestRepository } from '../support/git.ts'

const newMirror = (): string => join(temporaryFolder(), 'state', 'mirror.git')
const git = runTestGit
const refsOf = (folder: string): string[] =>
  git(folder, ['for-each-ref', '--format=%(refname) %(objectname)']).split('\n').filter(Boolean)
const hasObject = (folder: string, sha: string): boolean =>
  git(folder, ['cat-file', '--batch-check', '--batch-all-objects']).includes(sha)

describe('a borrowing mirror', () => {
  it('sees all that the source has, now and later, and holds no object of its own', async () => {
    const source = makeRepository({ files: { a: '1' } })
    const mirror = newMirror()
    await openMirror({ source: source.gitDir, mirror, borrow: true })
    const later = source.commit('later', { a: '2' })
    expect(git(mirror, ['show', `${later}:a`])).toBe('2')
    expect(git(mirror, ['rev-parse', '--is-bare-repository'])).toBe('true')
    expect(git(mirror, ['count-objects', '-v'])).toMatch(/count: 0\n[^]*in-pack: 0/)
    expect(git(mirror, ['fsck', '--strict', '--no-dangling'])).toBe('')
  })

  it('is the same after being opened again, and may be opened several times at once', async () => {
    const source = makeRepository({ files: { a: '1' } })
    const mirror = newMirror()
    const options = { source: source.gitDir, mirror, borrow: true }
    await Promise.all([1, 2, 3].map(() => openMirror(options)))
    const before = statSync(join(mirror, 'config'), { bigint: true }).mtimeNs
    await openMirror(options)
    expect(statSync(join(mirror, 'config'), { bigint: true }).mtimeNs).toBe(before)
    writeFileSync(join(mirror, 'config'), '')
    rmSync(join(mirror, 'HEAD'))
    await openMirror(options)
    expect(git(mirror, ['show', `${source.git('rev-parse', 'HEAD')}:a`])).toBe('1')
    expect(readdirSync(mirror).toSorted()).toEqual(['HEAD', 'config', 'objects', 'refs'])
  })

  it.each(['with space', 'new\nline', '"quoted\\"', '#hash', 'a:b', '-rf', 'ü'])(
    'bears the path %j, and can itself be borrowed from',
    async (name) => {
      const source = makeRepository({ folder: join(temporaryFolder(), name), files: { a: '1' } })
      const mirror = join(temporaryFolder(), name, 'mirror')
      await openMirror({ source: source.gitDir, mirror, borrow: true })
      const workspace = join(temporaryFolder(), 'workspace')
      await openMirror({ source: mirror, mirror: workspace, borrow: true })
      expect(git(workspace, ['show', `${source.git('rev-parse', 'HEAD')}:a`])).toBe('1')
    },
  )

  it('follows linked work trees, borrowed objects, shallow clones and sha256', async () => {
    const source = makeRepository({ files: { a: '1' } })
    const head = source.commit('second', { a: '2' })
    const folder = temporaryFolder()
    source.git('worktree', 'add', '-q', '--detach', join(folder, 'linked'))
    git('/', ['clone', '-q', '--shared', source.root, join(folder, 'shared')])
    git('/', ['clone', '-q', '--depth=1', `file://${source.root}`, join(folder, 'shallow')])
    for (const name of ['linked', 'shared', 'shallow']) {
      const mirror = newMirror()
      await openMirror({
        source: git(join(folder, name), ['rev-parse', '--absolute-git-dir']),
        mirror,
        borrow: true,
      })
      expect([name, git(mirror, ['log', '--format=%s', head])]).toEqual([
        name,
        name === 'shallow' ? 'second' : 'second\nfirst',
      ])
    }
    const other = makeRepository({ files: { a: '1' }, options: ['--object-format=sha256'] })
    const mirror = newMirror()
    await openMirror({ source: other.gitDir, mirror, borrow: true })
    expect(git(mirror, ['show', `${other.git('rev-parse', 'HEAD')}:a`])).toBe('1')
  })

  it('forgets that the source was shallow when it is no more', async () => {
    const source = makeRepository({ files: { a: '1' } })
    const head = source.commit('second')
    const clone = join(temporaryFolder(), 'shallow')
    git('/', ['clone', '-q', '--depth=1', `file://${source.root}`, clone])
    const options = { source: join(clone, '.git'), mirror: newMirror(), borrow: true }
    await openMirror(options)
    git(clone, ['fetch', '-q', '--unshallow'])
    await openMirror(options)
    expect(git(options.mirror, ['rev-list', '--count', head])).toBe('2')
  })
})

describe('a copying mirror', () => {
  it('is made on another file system too, where nothing can be linked', async () => {
    const source = makeRepository({ files: { a: '1' } })
    const elsewhere = mkdtempSync('/dev/shm/sluice-mirror-')
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }))
    expect(statSync(elsewhere).dev).not.toBe(statSync(source.gitDir).dev)
    const mirror = join(elsewhere, 'mirror.git')
    await openMirror({ source: source.gitDir, mirror, borrow: false })
    expect(git(mirror, ['show', 'HEAD:a'])).toBe('1')
  })

  function sourceWithJunk(): TestRepository {
    const source = makeRepository({ files: { a: '1' } })
    source.git('tag', '-a', 'v1', '-m', 'x')
    source.git('branch', 'side')
    source.git('update-ref', 'refs/remotes/origin/main', 'HEAD')
    source.git('update-ref', 'refs/pull/1/head', 'HEAD')
    source.write({ '.git/hooks/post-update': { executable: '#!/bin/sh\n' } })
    return source
  }

  it('holds branches and tags and no junk, and needs the source no more', async () => {
    const source = sourceWithJunk()
    const head = source.git('rev-parse', 'HEAD')
    const mirror = newMirror()
    await openMirror({ source: source.gitDir, mirror, borrow: false })
    expect(refsOf(mirror)).toEqual([
      `refs/heads/main ${head}`,
      `refs/heads/side ${head}`,
      `refs/tags/v1 ${source.git('rev-parse', 'v1')}`,
    ])
    expect(existsSync(join(mirror, 'hooks'))).toBe(false)
    expect(git(mirror, ['config', '--local', '--list'])).not.toContain('remote.')
    expect(readdirSync(join(mirror, '..'))).toEqual(['mirror.git'])
    source.remove()
    expect(git(mirror, ['fsck', '--strict', '--no-dangling'])).toBe('')
  })

  it('follows the source when opened again, whatever happened there, and keeps pins', async () => {
    const source = sourceWithJunk()
    const mirror = newMirror()
    await openMirror({ source: source.gitDir, mirror, borrow: false })
    const rebased = source.git('rev-parse', 'HEAD')
    await pin(mirror, 7, rebased)
    source.git('commit', '-q', '--amend', '-m', 'rebased')
    source.git('branch', '-D', 'side')
    source.git('branch', 'side/below')
    source.git('tag', '-d', 'v1')
    source.git('tag', 'v2')
    await openMirror({ source: source.gitDir, mirror, borrow: false })
    const head = source.git('rev-parse', 'HEAD')
    const expected = [
      `refs/heads/main ${head}`,
      `refs/heads/side/below ${head}`,
      `refs/sluice/pipelines/7 ${rebased}`,
      `refs/tags/v2 ${head}`,
    ]
    expect(refsOf(mirror)).toEqual(expected)
    await fetchInto(mirror, source.gitDir)
    expect(refsOf(mirror)).toEqual(expected)
  })

  it('may be opened and brought up to date several times at once', async () => {
    const source = sourceWithJunk()
    const mirror = newMirror()
    const options = { source: source.gitDir, mirror, borrow: false }
    await Promise.all([1, 2, 3, 4].map(() => openMirror(options)))
    for (let n = 0; n < 20; n++) source.git('branch', `b${n}`)
    const head = source.commit('second')
    source.git('branch', '-D', 'side')
    await Promise.all([1, 2, 3, 4].map(() => fetchInto(mirror, source.gitDir)))
    expect(refsOf(mirror)).toHaveLength(22)
    expect(refsOf(mirror)).toContain(`refs/heads/main ${head}`)
    expect(readdirSync(join(mirror, '..'))).toEqual(['mirror.git'])
  })

  it('is empty for an empty source and fills up later', async () => {
    const source = makeRepository({ branch: 'trunk' })
    const mirror = newMirror()
    await openMirror({ source: source.gitDir, mirror, borrow: false })
    expect(refsOf(mirror)).toEqual([])
    const head = source.commit('first', { a: '1' })
    await openMirror({ source: source.gitDir, mirror, borrow: false })
    expect(refsOf(mirror)).toEqual([`refs/heads/trunk ${head}`])
  })

  it.each(['with space', 'new\nline', '"quoted\\"', 'a:b', '-rf', "it's"])(
    'bears the path %j',
    async (name) => {
      const source = makeRepository({ folder: join(temporaryFolder(), name), files: { a: '1' } })
      const mirror = join(temporaryFolder(), name, 'mirror')
      await openMirror({ source: source.gitDir, mirror, borrow: false })
      const head = source.commit('second')
      await fetchInto(mirror, source.gitDir)
      expect(refsOf(mirror)).toEqual([`refs/heads/main ${head}`])
    },
  )

  it('takes sha256, shallow and detached sources, and linked work trees', async () => {
    const sha256 = makeRepository({ files: { a: '1' }, options: ['--object-format=sha256'] })
    const source = makeRepository({ files: { a: '1' } })
    source.commit('second')
    const folder = temporaryFolder()
    git('/', ['clone', '-q', '--depth=1', `file://${source.root}`, join(folder, 'shallow')])
    source.git('worktree', 'add', '-q', '--detach', join(folder, 'linked'))
    source.git('checkout', '-q', '--detach')
    for (const root of [sha256.root, join(folder, 'shallow'), join(folder, 'linked'), source.root]) {
      const mirror = newMirror()
      const options = { source: git(root, ['rev-parse', '--absolute-git-dir']), mirror, borrow: false }
      await openMirror(options)
      await openMirror(options)
      expect(refsOf(mirror)).toEqual([`refs/heads/main ${git(root, ['rev-parse', 'main'])}`])
      expect(readFileSync(join(mirror, 'HEAD'), 'utf8')).toBe('ref: refs/heads/main\n')
    }
  })

  it.runIf(process.getuid?.() === 0)(
    'copies the repository of someone else, sharing no file with it',
    async () => {
      const source = makeRepository({ files: { a: '1' } })
      for (const path of ['', ...readdirSync(source.root, { recursive: true, encoding: 'utf8' })])
        chownSync(join(source.root, path), 65534, 65534)
      const mirror = newMirror()
      await openMirror({ source: source.gitDir, mirror, borrow: false })
      await openMirror({ source: source.gitDir, mirror, borrow: false })
      expect(refsOf(mirror)).toHaveLength(1)
      const files = readdirSync(join(mirror, 'objects'), { recursive: true, encoding: 'utf8' })
        .map((path) => statSync(join(mirror, 'objects', path)))
        .filter((file) => file.isFile())
      expect(files.length).toBeGreaterThan(0)
      expect(files.every((file) => file.nlink === 1 && file.uid === 0)).toBe(true)
    },
  )

  it("gives git's words when there is no source, and leaves nothing", async () => {
    const mirror = newMirror()
    const none = temporaryFolder()
    await expect(openMirror({ source: none, mirror, borrow: false })).rejects.toThrow(
      /ENOENT|not a git repository/,
    )
    mkdirSync(join(none, 'objects'))
    await expect(openMirror({ source: none, mirror, borrow: false })).rejects.toThrow('does not exist')
    expect(existsSync(join(mirror, '..')) ? readdirSync(join(mirror, '..')) : []).toEqual([])
  })
})

describe('pins', () => {
  it('keep a commit that the source has lost', async () => {
    const source = makeRepository({ files: { a: '1' } })
    const mirror = newMirror()
    await openMirror({ source: source.gitDir, mirror, borrow: false })
    const lost = source.commit('lost', { a: '2' })
    await fetchInto(mirror, source.gitDir)
    await pin(mirror, 1, lost)
    await pin(mirror, 1, lost)
    source.git('reset', '-q', '--hard', 'HEAD~1')
    await fetchInto(mirror, source.gitDir)
    await sweepMirror(mirror, Date.now() + 60_000)
    expect(git(mirror, ['show', `${lost}:a`])).toBe('2')
    await unpin(mirror, [1, 2])
    await unpin(mirror, [])
    await sweepMirror(mirror, Date.now() + 60_000)
    expect(hasObject(mirror, lost)).toBe(false)
    expect(hasObject(mirror, source.git('rev-parse', 'HEAD'))).toBe(true)
  })
})

describe('sweepMirror on a borrowing mirror', () => {
  it('removes the objects of snapshots without a pin, once they are old', async () => {
    const source = makeRepository({ files: { a: '1', 'd/b': '1' } })
    const tree = await findWorkTree(source.root)
    if (!tree) throw new Error('no work tree')
    const mirror = newMirror()
    await openMirror({ source: source.gitDir, mirror, borrow: true })
    const take = async (files: Parameters<TestRepository['write']>[0]): Promise<string> => {
      source.write(files)
      return (await snapshotWorkTree(tree, mirror, 1e9)).snapshotSha ?? ''
    }
    const kept = await take({ a: 'kept', 'd/b': 'shared' })
    const gone = await take({ a: 'gone', 'd/b': 'shared', new: 'gone too' })
    await pin(mirror, 1, kept)
    await pin(mirror, 2, source.git('rev-parse', 'HEAD'))
    await pin(mirror, 3, '1'.repeat(40))
    mkdirSync(join(mirror, 'incoming-crashed'))
    utimesSync(join(mirror, 'incoming-crashed'), 1, 1)
    const blob = git(mirror, ['rev-parse', `${gone}:new`])
    await sweepMirror(mirror, Date.now() - 3_600_000)
    expect(hasObject(mirror, gone)).toBe(true)
    expect(existsSync(join(mirror, 'incoming-crashed'))).toBe(false)
    await sweepMirror(mirror, Date.now() + 60_000)
    expect([hasObject(mirror, gone), hasObject(mirror, blob)]).toEqual([false, false])
    expect(git(mirror, ['show', `${kept}:a`, `${kept}:d/b`])).toBe('keptshared')
    expect(git(mirror, ['fsck', '--connectivity-only', kept])).toBe('')
    await unpin(mirror, [1, 2, 3])
    await sweepMirror(mirror, Date.now() + 60_000)
    expect(git(mirror, ['count-objects'])).toBe('0 objects, 0 kilobytes')
  })
})

it.each([
  ['', 'sha1'],
  ['[core]\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n', 'sha256'],
  ['[Extensions] objectformat=SHA256\n[core]\n', 'sha256'],
  ['[extensions]\n\tworktreeConfig = true\n[core]\n\tobjectformat = sha256\n', 'sha1'],
])('objectFormatOf %j is %s', (config, format) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'config'), config)
  expect(objectFormatOf(folder)).toBe(format)
})
