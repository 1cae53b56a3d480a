import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ensurePrivateDir, writeFileDurably } from '../../src/platform/files.ts'
import { temporaryFolder } from '../support/git.ts'

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

it('replaces a file whole and leaves nothing else behind', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'access-token')
  await writeFileDurably(path, 'old and longer\n')
  await writeFileDurably(path, Buffer.from([0, 255]))
  expect(readFileSync(path)).toEqual(Buffer.from([0, 255]))
  expect(readdirSync(folder)).toEqual(['access-token'])
  expect(modeOf(path)).toBe('600')
})

it('gives the mode that was asked for, whatever the umask', async () => {
  const path = join(temporaryFolder(), 'file')
  const umask = process.umask(0o077)
  try {
    await writeFileDurably(path, 'x', 0o644)
  } finally {
    process.umask(umask)
  }
  expect(modeOf(path)).toBe('644')
})

it('leaves the old content when it cannot write, and no temporary file', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'taken'))
  writeFileSync(join(folder, 'taken/inside'), '')
  await expect(writeFileDurably(join(folder, 'taken'), 'x')).rejects.toThrow(/EISDIR|ENOTEMPTY/)
  expect(readdirSync(folder)).toEqual(['taken'])
  await expect(writeFileDurably(join(folder, 'none/file'), 'x')).rejects.toThrow('ENOENT')
})

it('makes private folders, and closes one that was open to others', () => {
  const folder = temporaryFolder()
  ensurePrivateDir(join(folder, 'a/b'))
  expect(modeOf(join(folder, 'a/b'))).toBe('700')
  mkdirSync(join(folder, 'open'), { mode: 0o755 })
  ensurePrivateDir(join(folder, 'open'))
  expect(modeOf(join(folder, 'open'))).toBe('700')
})
