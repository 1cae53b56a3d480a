import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { snapshotFolder } from '../../src/platform/snapshot.ts'
import { makeRepository, runTestGit, temporaryFolder, writeFiles } from '../support/git.ts'

afterEach(() => void vi.unstubAllEnvs())

function setUp(name = 'folder'): { folder: string; gitDir: string } {
  const folder = join(temporaryFolder(), name)
  mkdirSync(folder)
  return { folder, gitDir: join(temporaryFolder(), 'project.git') }
}

const list = (gitDir: string, ref: string): string =>
  runTestGit(gitDir, ['ls-tree', '-r', '--format=%(objectmode) %(path)', ref])

describe('snapshotFolder', () => {
  it('commits the content to the branch of a bare repository', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.com\n')
    vi.stubEnv('HOME', home)
    const { folder, gitDir } = setUp('my folder')
    writeFiles(folder, {
      Makefile: 'all:\n',
      'bin/run': { executable: 'x' },
      link: { link: 'Makefile' },
      '.gitignore': 'out\n',
      out: 'ignored',
    })
    const { sha } = await snapshotFolder(folder, gitDir, 'master')
    expect(runTestGit(gitDir, ['log', '--format=%H %an <%ae> %s', 'refs/heads/master'])).toBe(
      `${sha} Ada <ada@example.com> Snapshot of my folder`,
    )
    expect(runTestGit(gitDir, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/master')
    expect(list(gitDir, sha)).toBe('100644 .gitignore\n100644 Makefile\n100755 bin/run\n120000 link')
    expect(runTestGit(gitDir, ['fsck', '--strict'])).toBe('')
  })

  it('adds a commit only when the content differs from the last one', async () => {
    const { folder, gitDir } = setUp()
    writeFiles(folder, { a: '1', b: '1' })
    const first = await snapshotFolder(folder, gitDir, 'main')
    expect(await snapshotFolder(folder, gitDir, 'main')).toEqual(first)
    rmSync(join(folder, 'b'))
    chmodSync(join(folder, 'a'), 0o755)
    const second = await snapshotFolder(folder, gitDir, 'main')
    expect(list(gitDir, second.sha)).toBe('100755 a')
    expect(runTestGit(gitDir, ['rev-parse', `${second.sha}^`])).toBe(first.sha)
    writeFiles(folder, { b: '1' })
    chmodSync(join(folder, 'a'), 0o644)
    const third = await snapshotFolder(folder, gitDir, 'main')
    expect(runTestGit(gitDir, ['rev-parse', `${third.sha}^{tree}`])).toBe(
      runTestGit(gitDir, ['rev-parse', `${first.sha}^{tree}`]),
    )
    // The index may be lost: it only saves time.
    rmSync(join(gitDir, 'index'))
    expect(await snapshotFolder(folder, gitDir, 'main')).toEqual(third)
  })

  it('gives the same tree for the same content elsewhere, whatever the configuration of the user', async () => {
    const one = setUp()
    const other = setUp()
    for (const { folder } of [one, other]) writeFiles(folder, { 'a.txt': 'x\r\n', 'notes.swp': '1' })
    const first = await snapshotFolder(one.folder, one.gitDir, 'main')
    const home = temporaryFolder()
    writeFiles(home, { '.gitconfig': '[core]\n\tautocrlf = true\n', '.config/git/ignore': '*.swp\n' })
    vi.stubEnv('HOME', home)
    vi.stubEnv('XDG_CONFIG_HOME', join(home, '.config'))
    const second = await snapshotFolder(other.folder, other.gitDir, 'main')
    expect(runTestGit(other.gitDir, ['rev-parse', `${second.sha}^{tree}`])).toBe(
      runTestGit(one.gitDir, ['rev-parse', `${first.sha}^{tree}`]),
    )
  })

  it('takes an empty folder', async () => {
    const { folder, gitDir } = setUp()
    const first = await snapshotFolder(folder, gitDir, 'main')
    expect(list(gitDir, first.sha)).toBe('')
    expect(await snapshotFolder(folder, gitDir, 'main')).toEqual(first)
  })

  it('keeps tags and other branches, and moves HEAD to the branch that is asked for', async () => {
    const { folder, gitDir } = setUp()
    writeFiles(folder, { a: '1' })
    const { sha } = await snapshotFolder(folder, gitDir, 'main')
    runTestGit(gitDir, ['tag', 'v1', sha])
    writeFiles(folder, { a: '2' })
    const next = await snapshotFolder(folder, gitDir, 'release/1')
    const refs = runTestGit(gitDir, ['for-each-ref', '--format=%(refname) %(objectname)'])
    expect(refs).toBe(`refs/heads/main ${sha}\nrefs/heads/release/1 ${next.sha}\nrefs/tags/v1 ${sha}`)
    expect(runTestGit(gitDir, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/release/1')
  })

  it('has nothing to do with a repository around it or inside it', async () => {
    const outer = makeRepository({ files: { '.gitignore': 'sub/ignored-outside\n', 'sub/a': 'committed' } })
    const folder = join(outer.root, 'sub')
    writeFiles(folder, { a: 'now', 'ignored-outside': 'x' })
    makeRepository({ folder: join(folder, 'inner-empty') }).write({ i: '1' })
    const before = outer.git('status', '--porcelain')
    const { gitDir } = setUp()
    const { sha } = await snapshotFolder(folder, gitDir, 'main')
    expect(list(gitDir, sha)).toBe('100644 a\n100644 ignored-outside')
    expect(runTestGit(gitDir, ['show', `${sha}:a`])).toBe('now')
    expect(outer.git('status', '--porcelain')).toBe(before)
  })

  it('may be done several times at once', async () => {
    const { folder, gitDir } = setUp()
    writeFiles(folder, Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}`, `${at}`])))
    const results = await Promise.all(Array.from({ length: 5 }, () => snapshotFolder(folder, gitDir, 'main')))
    expect(new Set(results.map(({ sha }) => sha)).size).toBe(1)
    expect(runTestGit(gitDir, ['rev-list', '--count', 'main'])).toBe('1')
  })

  it('bears odd paths, and refuses odd branches', async () => {
    const { folder } = setUp('-folder\n"ü"')
    const gitDir = join(temporaryFolder(), '-project\n.git')
    writeFiles(folder, { a: '1' })
    const { sha } = await snapshotFolder(folder, gitDir, 'main')
    expect(list(gitDir, sha)).toBe('100644 a')
    await expect(snapshotFolder(folder, gitDir, '-x')).rejects.toThrow('not a name for a branch')
    await expect(snapshotFolder(join(folder, 'none'), gitDir, 'main')).rejects.toThrow(
      'No such file or directory',
    )
  })
})
