import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openTextStore } from '../../src/platform/text-store.ts'
import { temporaryFolder } from '../support/git.ts'

const newFolder = (): string => join(temporaryFolder(), 'cache', 'configs')

/** The file of the only entry. */
function onlyFile(folder: string): string {
  const [name = '', ...others] = readdirSync(folder)
  expect(others).toEqual([])
  return join(folder, name)
}

it('gives back what was put, to a later store as well', () => {
  const folder = newFolder()
  expect(openTextStore(folder).get('a')).toBeUndefined()
  openTextStore(folder).put('a', 'text of a: ü')
  expect(openTextStore(folder).get('a')).toBe('text of a: ü')
  expect(openTextStore(folder).get('b')).toBeUndefined()
})

it('is readable by its owner only', () => {
  const folder = newFolder()
  openTextStore(folder).put('a', 'text')
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(onlyFile(folder)).mode & 0o777).toBe(0o600)
})

it.each<[string, (file: string) => void]>([
  ['cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, -1))],
  ['changed', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('text', 'TEXT'))],
  ['empty', (file) => writeFileSync(file, '')],
  ['open to others', (file) => chmodSync(file, 0o666)],
])('ignores and removes an entry that is %s', (_, damage) => {
  const folder = newFolder()
  const store = openTextStore(folder)
  store.put('a', 'text')
  const file = onlyFile(folder)
  damage(file)
  expect(store.get('a')).toBeUndefined()
  expect(existsSync(file)).toBe(false)
})

it('ignores and removes a link and a folder in the place of an entry', () => {
  const folder = newFolder()
  const store = openTextStore(folder)
  store.put('a', 'text')
  const file = onlyFile(folder)
  const real = join(temporaryFolder(), 'real')
  writeFileSync(real, readFileSync(file), { mode: 0o600 })
  writeFileSync(file, '')
  store.get('a')
  symlinkSync(real, file)
  expect(store.get('a')).toBeUndefined()
  expect(existsSync(real)).toBe(true)
  mkdirSync(file)
  expect(store.get('a')).toBeUndefined()
  expect(readdirSync(folder)).toEqual([])
})

it('makes room by what was used longest ago', () => {
  const folder = newFolder()
  const store = openTextStore(folder, { entries: 2, bytes: 1_000_000 })
  store.put('a', 'text of a')
  utimesSync(onlyFile(folder), 1, 1)
  store.put('b', 'text of b')
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), 2, 2)
  expect(store.get('a')).toBe('text of a')
  store.put('c', 'text of c')
  expect(['a', 'b', 'c'].map((key) => store.get(key))).toEqual(['text of a', undefined, 'text of c'])
})

it('keeps no more bytes than it may', () => {
  const folder = newFolder()
  const store = openTextStore(folder, { entries: 10, bytes: 1000 })
  store.put('large', 'x'.repeat(1000))
  expect(store.get('large')).toBeUndefined()
  store.put('a', 'x'.repeat(600))
  utimesSync(onlyFile(folder), 1, 1)
  store.put('b', 'x'.repeat(600))
  expect(store.get('a')).toBeUndefined()
  expect(store.get('b')).toBe('x'.repeat(600))
})

it('does without a folder that cannot be made', () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const store = openTextStore(join(file, 'configs'))
  store.put('a', 'text')
  expect(store.get('a')).toBeUndefined()
})

it('shows whole entries only while two processes write the same one', async () => {
  const folder = newFolder()
  const module = pathToFileURL(resolve('src/platform/text-store.ts')).href
  const write = (letter: string) =>
    promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      `import { openTextStore } from ${JSON.stringify(module)}
       const store = openTextStore(${JSON.stringify(folder)})
       for (let round = 0; round < 100; round++) {
         store.put('a', '${letter}'.repeat(100_000))
         const text = store.get('a')
         if (text !== undefined && !/^(x{100000}|y{100000})$/.test(text)) throw new Error('half an entry')
       }`,
    ])
  await Promise.all([write('x'), write('y')])
  expect(openTextStore(folder).get('a')).toMatch(/^(x{100000}|y{100000})$/)
  expect(readdirSync(folder)).toHaveLength(1)
}, 60_000)
