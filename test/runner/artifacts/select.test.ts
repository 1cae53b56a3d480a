import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selectArtifacts, type SelectionWish } from '../../../src/runner/artifacts/select.ts'

let folder: string
let root: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-select-'))
  root = join(folder, 'app')
  for (const path of [
    'build/a.o',
    'build/x/y',
    'build/x/b.o',
    'build/x/deep/c.o',
    '.env',
    '.hid/x.log',
    'b/x',
    'a.txt',
    '.git/config',
    'new line\n',
  ]) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), path)
  }
  mkdirSync(join(root, 'empty'))
  writeFileSync(join(folder, 'secret'), 'secret')
  mkdirSync(join(folder, 'outside'))
  writeFileSync(join(folder, 'outside/key'), 'secret')
  mkdirSync(join(root, 'links'))
  symlinkSync('../../secret', join(root, 'links/file'))
  symlinkSync('../../outside', join(root, 'links/folder'))
  symlinkSync('nowhere', join(root, 'links/broken'))
  execFileSync('mkfifo', [join(root, 'pipe')])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function select(paths: readonly string[], more: Partial<SelectionWish> = {}) {
  const { entries, messages } = await selectArtifacts({
    root,
    projectDir: '/builds/group/app',
    paths,
    exclude: [],
    untracked: null,
    ...more,
  })
  return {
    paths: entries.map((entry) => entry.path),
    said: messages.map(({ severity, text }) => `${severity}: ${text}`),
  }
}

describe('artifacts:paths', () => {
  it.each([
    [
      'build',
      ['build', 'build/a.o', 'build/x', 'build/x/b.o', 'build/x/deep', 'build/x/deep/c.o', 'build/x/y'],
    ],
    [
      'build/',
      ['build', 'build/a.o', 'build/x', 'build/x/b.o', 'build/x/deep', 'build/x/deep/c.o', 'build/x/y'],
    ],
    ['build/*', ['build/a.o', 'build/x', 'build/x/b.o', 'build/x/deep', 'build/x/deep/c.o', 'build/x/y']],
    ['build/x/**', ['build/x', 'build/x/b.o', 'build/x/deep', 'build/x/deep/c.o', 'build/x/y']],
    ['build/*.o', ['build/a.o']],
    ['build/**/*.o', ['build/a.o', 'build/x/b.o', 'build/x/deep/c.o']],
    ['**/*.log', ['.hid/x.log']],
    ['.e*', ['.env']],
    ['{a,b}/*', ['b/x']],
    ['{b,build/x}/*', ['b/x', 'build/x/b.o', 'build/x/deep', 'build/x/deep/c.o', 'build/x/y']],
    ['$dir', []],
    ['/builds/group/app/b', ['b', 'b/x']],
    ['./b/../b/x', ['b/x']],
    ['empty', ['empty']],
    ['links', ['links', 'links/broken', 'links/file', 'links/folder']],
    ['links/folder/key', []],
    ['links/*/key', []],
    ['links/folder/**', ['links/folder']],
    ['new*', ['new line\n']],
  ])('%s', async (pattern, found) => expect((await select([pattern])).paths).toEqual(found))

  it('says what was found, as gitlab-runner does', async () => {
    expect((await select(['build/x/', 'none/*', '../outside', '/etc/passwd', 'pipe'])).said).toEqual([
      'info: build/x/: found 5 matching artifact files and directories',
      'warning: none/*: no matching files. Ensure that the artifact path is relative to the working directory (/builds/group/app)',
      'warning: artifact path is not a subpath of project directory: ../outside',
      'warning: artifact path is not a subpath of project directory: /etc/passwd',
      'warning: File ignored: pipe',
      'warning: pipe: no matching files. Ensure that the artifact path is relative to the working directory (/builds/group/app)',
    ])
  })

  it('a star takes .git too, with a warning', async () => {
    const { paths, said } = await select(['*'])
    expect(paths).toContain('.git/config')
    expect(said).toContain('warning: Part of .git directory is on the list of files to archive')
  })
})

describe('artifacts:exclude', () => {
  it.each([
    ['build/', 7, []],
    ['build/**/*', 1, ['info: build/**/*: excluded 6 files']],
    ['build/**/*.o', 4, ['info: build/**/*.o: excluded 3 files']],
  ])('%s', async (pattern, left, said) => {
    const selection = await select(['build'], { exclude: [pattern] })
    expect(selection.paths.length).toBe(left)
    expect(selection.said.filter((line) => line.includes('excluded'))).toEqual(said)
  })
})

describe('artifacts:untracked', () => {
  it('adds what git names, exclude applies', async () => {
    const selection = await select([], { untracked: ['.env', 'build/x/', 'gone'], exclude: ['**/y'] })
    expect(selection.paths).toEqual(['.env', 'build/x', 'build/x/b.o', 'build/x/deep', 'build/x/deep/c.o'])
    expect(selection.said).toEqual(['info: untracked: found 5 files', 'info: **/y: excluded 1 files'])
  })

  it('nothing', async () =>
    expect((await select([], { untracked: [] })).said).toEqual(['warning: untracked: no files']))
})
