import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { folderSnapshots } from '../../src/app/folder-snapshots.ts'
import { openRepository } from '../../src/platform/git.ts'
import { temporaryFolder, writeFiles } from '../support/git.ts'

let folder: string
let gitDir: string
let refresh: () => Promise<void>

beforeEach(() => {
  folder = temporaryFolder()
  gitDir = join(temporaryFolder(), 'repository.git')
  writeFiles(folder, { 'a.txt': 'one', 'sub/b.txt': 'two' })
  refresh = folderSnapshots(folder, gitDir, 'master')
})

async function tip(): Promise<string> {
  const repository = openRepository(gitDir)
  const found = await repository.resolveRef('master')
  repository.close()
  return typeof found === 'object' ? found.sha : found
}

async function contentOf(path: string): Promise<string | undefined> {
  const repository = openRepository(gitDir)
  const file = await repository.readFile(await tip(), path)
  repository.close()
  return file?.bytes.toString()
}

describe('the snapshot of a plain folder', () => {
  it('stays the same commit while nothing changes', async () => {
    await refresh()
    const first = await tip()
    await refresh()
    expect(await tip()).toBe(first)
  })

  it('follows a file that changes, keeping size and time of change of content', async () => {
    await refresh()
    writeFileSync(join(folder, 'sub/b.txt'), 'TWO')
    utimesSync(join(folder, 'sub/b.txt'), 0, 0)
    await refresh()
    expect(await contentOf('sub/b.txt')).toBe('TWO')
  })

  it('follows files that come and go', async () => {
    await refresh()
    writeFiles(folder, { 'new.txt': 'new', 'a.txt': null })
    await refresh()
    expect(await contentOf('new.txt')).toBe('new')
    expect(await contentOf('a.txt')).toBeUndefined()
  })

  it('answers everybody who asks at once, with what was there when they asked', async () => {
    const first = refresh()
    writeFileSync(join(folder, 'a.txt'), 'two')
    await Promise.all([first, refresh(), refresh()])
    expect(await contentOf('a.txt')).toBe('two')
  })

  it('is tried again after it failed', async () => {
    const gone = folderSnapshots(join(folder, 'later'), gitDir, 'master')
    await expect(gone()).rejects.toThrow('ENOENT')
    writeFiles(folder, { 'later/c.txt': 'c' })
    await gone()
    expect(await contentOf('c.txt')).toBe('c')
  })
})
