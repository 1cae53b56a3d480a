import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sluice-settings-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function read(text: string) {
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, text)
  return readSettings(file, {})
}

it.each([
  ['', { dir: null, maxSize: 10_737_418_240 }],
  ['cache: {max_size: 500 MB}', { dir: null, maxSize: 500_000_000 }],
  ['cache: {dir: /var/c}', { dir: '/var/c', maxSize: 10_737_418_240 }],
])('%j', (text, cache) => {
  expect(read(text)).toMatchObject({ ok: true, value: { cache } })
})

it('a relative folder is relative to the file', () => {
  expect(read('cache: {dir: c}')).toMatchObject({ ok: true, value: { cache: { dir: join(folder, 'c') } } })
})

it.each([
  ['cache: yes', 'cache must be a mapping of keys to values, not true (true or false)'],
  [
    'cache: {max_size: big}',
    'cache.max_size must be a size such as 1 GiB, 500 MB or a number of bytes, not "big"',
  ],
  ['cache: {maxsize: 1}', 'unknown key "maxsize" in cache'],
])('%j', (text, message) => {
  const result = read(text)
  expect(result.ok).toBe(false)
  expect(result.ok ? [] : result.error.diagnostics.map((each) => each.message)).toEqual([message])
})
