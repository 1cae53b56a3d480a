import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { execFileSync } from 'node:child_process'
import { beforeEach, expect, it } from 'vitest'
import { gunzipMembers } from '../../../src/platform/gzip-members.ts'
import { packFiles } from '../../../src/runner/artifacts/pack.ts'
import type { TreeEntry } from '../../../src/runner/artifacts/walk.ts'
import { temporaryFolder } from '../../support/state-folder.ts'

let root = ''
let target = ''
let leftOut: string[] = []
beforeEach(() => {
  const folder = temporaryFolder()
  root = join(folder, 'work')
  target = join(folder, 'packed')
  leftOut = []
  mkdirSync(join(root, 'd'), { recursive: true })
  mkdirSync(join(folder, 'outside'))
  writeFileSync(join(folder, 'outside/b'), 'secret')
  writeFileSync(join(root, 'a'), 'A=1')
  writeFileSync(join(root, 'd/b'), 'B=2\n'.repeat(100_000))
})

const files = (...paths: string[]): TreeEntry[] => paths.map((path) => ({ path, kind: 'file' }))
const pack = (entries: readonly TreeEntry[], format: 'gzip' | 'raw' | 'zip') =>
  packFiles(root, entries, format, target, (path) => leftOut.push(path))

it('gzip puts files behind each other, each with its name and path', async () => {
  const { files: count, size } = await pack(files('a', 'd/b'), 'gzip')
  const bytes = readFileSync(target)
  expect([count, size]).toEqual([2, bytes.length])
  const members = gunzipMembers(bytes, 1e7)
  expect(members.ok && members.value.map(String)).toEqual(['A=1', 'B=2\n'.repeat(100_000)])
  expect(bytes.subarray(10, 14).toString()).toBe('a\0a\0')
  expect(bytes.includes('b\0d/b\0')).toBe(true)
  expect(gunzipSync(bytes).length).toBe(3 + 400_000)
  expect(execFileSync('gzip', ['-dc'], { input: bytes, maxBuffer: 1e7 }).length).toBe(400_003)
})

it('raw takes a file as it is, zip makes an archive', async () => {
  expect(await pack(files('a'), 'raw')).toEqual({ files: 1, size: 3 })
  expect(readFileSync(target, 'utf8')).toBe('A=1')
  expect((await pack(files('a', 'd/b'), 'zip')).files).toBe(2)
  expect(
    execFileSync('python3', [
      '-c',
      'import sys,zipfile;print(zipfile.ZipFile(sys.argv[1]).namelist())',
      target,
    ]).toString(),
  ).toBe("['a', 'd/b']\n")
})

it.each(['gzip', 'raw', 'zip'] as const)('%s leaves out what is no file any more', async (format) => {
  const entries: TreeEntry[] = [
    ...files('a', 'd/b', 'gone'),
    { path: 'link', kind: 'link' },
    { path: 'd', kind: 'folder' },
  ]
  rmSync(join(root, 'd'), { recursive: true })
  symlinkSync(join(root, '../outside'), join(root, 'd'))
  rmSync(join(root, 'a'))
  execFileSync('mkfifo', [join(root, 'a')])
  expect((await pack(entries, format)).files).toBe(0)
  expect(leftOut.toSorted()).toEqual(['a', 'd/b', 'gone', 'link'])
  expect(readFileSync(target).includes('secret')).toBe(false)
})
