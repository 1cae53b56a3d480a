import { chownSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { findWorkTree } from '../../src/platform/work-tree.ts'
import { makeRepository, runTestGit, temporaryFolder } from '../support/git.ts'

afterEach(() => void vi.unstubAllEnvs())

describe('findWorkTree', () => {
  it('finds root, git directory, commit and branch from any folder inside', async () => {
    const { root, git } = makeRepository({ files: { 'd/e/f': '1' }, branch: 'feature/ü' })
    const expected = {
      root,
      gitDir: join(root, '.git'),
      commonDir: join(root, '.git'),
      headSha: git('rev-parse', 'HEAD'),
      branch: 'feature/ü',
    }
    expect(await findWorkTree(root)).toEqual(expected)
    expect(await findWorkTree(join(root, 'd/e'))).toEqual(expected)
  })

  it.each(['with space', '-rf', 'new\nline', '\nfalse\n', 'ü', 'a:b"c\\'])(
    'bears the path %j',
    async (name) => {
      const root = join(temporaryFolder(), name)
      makeRepository({ folder: root, files: { 'sub dir/a': '1' } })
      expect(await findWorkTree(join(root, 'sub dir'))).toMatchObject({
        root,
        gitDir: join(root, '.git'),
        branch: 'main',
      })
    },
  )

  it('knows a detached HEAD', async () => {
    const { root, git } = makeRepository({ files: { a: '1' } })
    git('checkout', '-q', '--detach')
    expect(await findWorkTree(root)).toMatchObject({ headSha: git('rev-parse', 'HEAD'), branch: null })
  })

  it('knows a repository without a commit, even with a file of the name HEAD', async () => {
    const { root, write } = makeRepository({ branch: 'trunk' })
    expect(await findWorkTree(root)).toMatchObject({ root, headSha: null, branch: 'trunk' })
    write({ HEAD: 'x' })
    expect(await findWorkTree(root)).toMatchObject({ root, headSha: null, branch: 'trunk' })
  })

  it('knows linked work trees and submodules', async () => {
    const { root, git } = makeRepository({ files: { a: '1' } })
    const linked = join(temporaryFolder(), 'linked')
    git('worktree', 'add', '-q', '-b', 'side', linked)
    expect(await findWorkTree(linked)).toMatchObject({
      root: linked,
      gitDir: join(root, '.git/worktrees/linked'),
      commonDir: join(root, '.git'),
      branch: 'side',
    })
    const outer = makeRepository({ files: { b: '1' } })
    outer.git('submodule', '--quiet', 'add', root, 'lib')
    expect(await findWorkTree(join(outer.root, 'lib'))).toMatchObject({
      root: join(outer.root, 'lib'),
      gitDir: join(outer.root, '.git/modules/lib'),
    })
  })

  it('finds none outside, in a bare repository, inside .git and in a folder that is not there', async () => {
    expect(await findWorkTree(temporaryFolder())).toBeUndefined()
    expect(await findWorkTree(makeRepository({ options: ['--bare'] }).root)).toBeUndefined()
    expect(await findWorkTree(makeRepository({ files: { a: '1' } }).gitDir)).toBeUndefined()
    await expect(findWorkTree(join(temporaryFolder(), 'none'))).rejects.toThrow('No such file or directory')
  })

  it('is not led astray by what a hook inherits', async () => {
    const other = makeRepository({ files: { a: '1' } })
    const { root } = makeRepository({ files: { b: '1' } })
    vi.stubEnv('GIT_DIR', other.gitDir)
    vi.stubEnv('GIT_WORK_TREE', other.root)
    expect(await findWorkTree(root)).toMatchObject({ root })
  })

  it.runIf(process.getuid?.() === 0)(
    "repeats git's words when the repository belongs to someone else, and honours safe.directory",
    async () => {
      const { root, gitDir } = makeRepository({ files: { a: '1' } })
      for (const path of [root, gitDir]) chownSync(path, 65534, 65534)
      vi.stubEnv('HOME', temporaryFolder())
      await expect(findWorkTree(root)).rejects.toThrow('detected dubious ownership')
      runTestGit('/', [
        'config',
        '--file',
        join(process.env['HOME'] ?? '', '.gitconfig'),
        'safe.directory',
        root,
      ])
      expect(await findWorkTree(root)).toMatchObject({ root })
    },
  )

  it('writes nothing', async () => {
    const { root, gitDir } = makeRepository({ files: { a: '1' } })
    mkdirSync(join(root, 'd'))
    const before = readdirSync(gitDir, { recursive: true })
    await findWorkTree(join(root, 'd'))
    expect(readdirSync(gitDir, { recursive: true })).toEqual(before)
  })
})
