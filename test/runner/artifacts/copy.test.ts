import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyEntries } from '../../../src/runner/artifacts/copy.ts'
import { walkBelow, type TreeEntry } from '../../../src/runner/artifacts/walk.ts'

let from: string
let to: string
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-copy-'))
  from = join(folder, 'from')
  to = join(folder, 'to')
  for (const path of [from, to, join(folder, 'outside')]) mkdirSync(path)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function put(root: string, path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
  chmodSync(join(root, path), mode)
}

async function copyAll() {
  const entries: TreeEntry[] = []
  for await (const entry of walkBelow(from, '')) entries.push(entry)
  return copyEntries(from, to, entries)
}

it('keeps content, modes, times, links and empty folders', async () => {
  put(from, 'bin/run', '#!/bin/sh\n', 0o755)
  put(from, 'private', 'x', 0o600)
  mkdirSync(join(from, 'empty'))
  chmodSync(join(from, 'empty'), 0o750)
  symlinkSync('bin/run', join(from, 'link'))
  symlinkSync('/nowhere', join(from, 'broken'))
  const time = new Date('2001-02-03T04:05:06Z')
  utimesSync(join(from, 'bin/run'), time, time)
  utimesSync(join(from, 'bin'), time, time)
  expect(await copyAll()).toEqual({ files: 4, bytes: 11 })
  expect(readdirSync(to, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual([
    'bin',
    'bin/run',
    'broken',
    'empty',
    'link',
    'private',
  ])
  const mode = (path: string) => lstatSync(join(to, path)).mode & 0o777
  expect([mode('bin/run'), mode('private'), mode('empty')]).toEqual([0o755, 0o600, 0o750])
  expect([readlinkSync(join(to, 'link')), readlinkSync(join(to, 'broken'))]).toEqual(['bin/run', '/nowhere'])
  expect([lstatSync(join(to, 'bin/run')).mtime, lstatSync(join(to, 'bin')).mtime]).toEqual([time, time])
})

it('replaces what is there and leaves the rest', async () => {
  put(to, 'a', 'old')
  put(to, 'kept', 'kept')
  put(to, 'folder/x', 'old')
  put(from, 'a', 'new')
  put(from, 'folder', 'a file now')
  await copyAll()
  expect(readFileSync(join(to, 'a'), 'utf8')).toBe('new')
  expect(readFileSync(join(to, 'kept'), 'utf8')).toBe('kept')
  expect(readFileSync(join(to, 'folder'), 'utf8')).toBe('a file now')
})

it('never writes through a link, neither as folder nor as file', async () => {
  writeFileSync(join(folder, 'outside/key'), 'precious')
  symlinkSync(join(folder, 'outside'), join(to, 'dir'))
  symlinkSync(join(folder, 'outside/key'), join(to, 'file'))
  mkdirSync(join(to, 'deep'))
  symlinkSync(join(folder, 'outside'), join(to, 'deep/dir'))
  put(from, 'dir/key', 'evil')
  put(from, 'file', 'evil')
  put(from, 'deep/dir/new', 'evil')
  await copyAll()
  expect(readdirSync(join(folder, 'outside'))).toEqual(['key'])
  expect(readFileSync(join(folder, 'outside/key'), 'utf8')).toBe('precious')
  expect(readFileSync(join(to, 'dir/key'), 'utf8')).toBe('evil')
  expect(lstatSync(join(to, 'file')).isFile()).toBe(true)
})

it('the special bits of a mode are not carried on', async () => {
  put(from, 'run', 'x', 0o4755)
  await copyAll()
  expect(lstatSync(join(to, 'run')).mode & 0o7777).toBe(0o755)
})

it('a file that has gone is left out', async () => {
  put(from, 'a', 'a')
  expect(
    await copyEntries(from, to, [
      { path: 'gone', kind: 'file' },
      { path: 'a', kind: 'file' },
    ]),
  ).toEqual({ files: 1, bytes: 1 })
})

it('reads nothing through a link that was put in the place of a folder or a file meanwhile', async () => {
  put(from, 'd/small', 'own')
  put(from, 'd/large', 'own'.repeat(200_000))
  put(from, 'file', 'own')
  const entries: TreeEntry[] = []
  for await (const entry of walkBelow(from, '')) entries.push(entry)
  put(join(folder, 'outside'), 'small', 'secret')
  put(join(folder, 'outside'), 'large', 'secret'.repeat(200_000))
  rmSync(join(from, 'd'), { recursive: true })
  rmSync(join(from, 'file'))
  symlinkSync(join(folder, 'outside'), join(from, 'd'))
  symlinkSync(join(folder, 'outside/small'), join(from, 'file'))
  expect(await copyEntries(from, to, entries)).toEqual({ files: 0, bytes: 0 })
  expect(readdirSync(to)).toEqual(['d'])
  expect(readdirSync(join(to, 'd'))).toEqual([])
})

it('makes files of their own: a later write to one does not change the other', async () => {
  put(from, 'small', 'own')
  put(from, 'large', 'own'.repeat(200_000))
  await copyEntries(from, to, [
    { path: 'small', kind: 'file' },
    { path: 'large', kind: 'file' },
  ])
  for (const name of ['small', 'large']) {
    writeFileSync(join(from, name), 'changed')
    expect(lstatSync(join(to, name)).nlink).toBe(1)
    expect(readFileSync(join(to, name), 'utf8').startsWith('own')).toBe(true)
  }
})

// Whoever runs as root may read everything.
it.skipIf(process.getuid?.() === 0)(
  'a file that its owner may not read is named, in the words of Go',
  async () => {
    put(from, 'd/secret', 'x', 0)
    await expect(copyAll()).rejects.toThrow('open d/secret: permission denied')
  },
)
