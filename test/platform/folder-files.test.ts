import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openFolderFiles } from '../../src/platform/folder-files.ts'
import { temporaryFolder, writeFiles } from '../support/git.ts'

const SHA = '0'.repeat(40)
const above = temporaryFolder()
const root = join(above, 'repository')
writeFiles(above, {
  'outside.yml': 'secret: true',
  'repository/a.yml': 'a: b',
  'repository/ci/b.yml': 'b: c',
  'repository/link.yml': { link: '../outside.yml' },
  'repository/out': { link: '..' },
})

it.each([
  ['a.yml', 'a: b'],
  ['ci/b.yml', 'b: c'],
])('reads %s', async (path, text) => {
  expect((await openFolderFiles(root).readFile(SHA, path))?.bytes.toString()).toBe(text)
})

it.each([
  '../outside.yml',
  'ci/../../outside.yml',
  'ci/../a.yml',
  './a.yml',
  '/a.yml',
  'ci//b.yml',
  'link.yml',
  'out/outside.yml',
  'ci',
  '',
])('does not read %s, as git would not', async (path) => {
  expect(await openFolderFiles(root).readFile(SHA, path)).toBeUndefined()
})
