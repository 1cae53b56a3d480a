import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { gitOutput, runGit } from '../../src/platform/git-command.ts'
import { makeRepository, temporaryFolder, writeFiles } from '../support/git.ts'

afterEach(() => void vi.unstubAllEnvs())

describe('runGit', () => {
  it('gives stdout', async () => {
    const repository = makeRepository({ files: { 'a file': 'x' } })
    const result = await runGit({
      place: { kind: 'repository', gitDir: repository.gitDir },
      args: ['ls-tree', '--name-only', 'HEAD'],
    })
    expect(result).toEqual({ ok: true, value: Buffer.from('a file\n') })
  })

  it('gives the exit code, the words and what was printed before', async () => {
    const { root } = makeRepository()
    const result = await runGit({
      place: { kind: 'work-tree', folder: root },
      args: ['rev-parse', '--is-bare-repository', 'nonsense'],
    })
    expect(result).toMatchObject({
      ok: false,
      error: {
        kind: 'exit',
        exitCode: 128,
        message: expect.stringContaining("ambiguous argument 'nonsense'"),
      },
    })
    expect(result.ok || result.error.stdout.toString()).toMatch(/^false\n/)
  })

  it('says that git is not installed', async () => {
    vi.stubEnv('PATH', temporaryFolder())
    const result = await runGit({ place: { kind: 'none' }, args: ['version'] })
    expect(result).toMatchObject({
      ok: false,
      error: { kind: 'start', message: 'git is not installed, or not in PATH' },
    })
  })

  it('passes input, and bears a command that does not read it', async () => {
    const { gitDir } = makeRepository()
    const place = { kind: 'repository', gitDir } as const
    const bytes = Buffer.from([0, 10, 255])
    const written = (await gitOutput({ place, args: ['hash-object', '-w', '--stdin'], input: bytes }))
      .toString()
      .trim()
    expect(await gitOutput({ place, args: ['cat-file', 'blob', written] })).toEqual(bytes)
    expect((await runGit({ place, args: ['version'], input: Buffer.alloc(10_000_000) })).ok).toBe(true)
  })

  it('stops reading at the limit', async () => {
    const { gitDir } = makeRepository({ files: { big: 'x'.repeat(1_000_000) } })
    const command = {
      place: { kind: 'repository', gitDir },
      args: ['cat-file', 'blob', 'HEAD:big'],
      maxOutput: 100_000,
    } as const
    expect(await runGit(command)).toMatchObject({ ok: false, error: { kind: 'output' } })
    expect(await gitOutput({ ...command, truncate: true })).toEqual(Buffer.from('x'.repeat(100_000)))
    expect((await gitOutput({ ...command, maxOutput: 1_000_000 })).length).toBe(1_000_000)
  })

  it('works from a folder that is gone and for folders with any name', async () => {
    const folder = join(temporaryFolder(), '-C /\n"ü')
    const { root } = makeRepository({ folder, files: { a: '1' } })
    const output = await gitOutput({
      place: { kind: 'work-tree', folder: root },
      args: ['rev-parse', '--show-toplevel'],
    })
    expect(output.toString()).toBe(`${folder}\n`)
  })
})

describe('environment', () => {
  it('takes over no GIT_ variable', async () => {
    const { root, gitDir } = makeRepository({ files: { a: '1' } })
    vi.stubEnv('GIT_DIR', '/nowhere')
    vi.stubEnv('GIT_INDEX_FILE', '/nowhere/index')
    vi.stubEnv('GIT_TRACE', join(root, 'trace'))
    const output = await gitOutput({
      place: { kind: 'work-tree', folder: root },
      args: ['rev-parse', '--absolute-git-dir'],
    })
    expect(output.toString()).toBe(`${gitDir}\n`)
    expect(existsSync(join(root, 'trace'))).toBe(false)
  })

  it("reads the user's configuration in their work tree only", async () => {
    const home = makeRepository({ files: { '.gitconfig': '[user]\n\tname = From Home\n' } }).root
    vi.stubEnv('HOME', home)
    const args = ['config', '--default', 'none', 'user.name']
    const { root, gitDir } = makeRepository()
    expect((await gitOutput({ place: { kind: 'work-tree', folder: root }, args })).toString()).toBe(
      'From Home\n',
    )
    expect((await gitOutput({ place: { kind: 'repository', gitDir }, args })).toString()).toBe('none\n')
  })

  it.each(['repository', 'work-tree'] as const)(
    'runs no hooks and no file system monitor (%s)',
    async (kind) => {
      const { root, gitDir, git } = makeRepository({ files: { a: '1' } })
      const witness = join(root, 'ran')
      writeFiles(join(root, 'hooks'), {
        'reference-transaction': { executable: `#!/bin/sh\ntouch '${witness}'\n` },
      })
      git('config', 'core.hooksPath', join(root, 'hooks'))
      git('config', 'core.fsmonitor', join(root, 'hooks/reference-transaction'))
      const place =
        kind === 'repository'
          ? ({ kind, gitDir, workTree: root } as const)
          : ({ kind, folder: root } as const)
      await gitOutput({ place, args: ['update-ref', 'refs/heads/other', 'HEAD'] })
      await gitOutput({ place, args: ['status'] })
      expect(existsSync(witness)).toBe(false)
      // The same by hand does run it.
      git('update-ref', 'refs/heads/another', 'HEAD')
      expect(existsSync(witness)).toBe(true)
    },
  )
})
