import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCacheStore, type CacheStore } from '../../../src/runner/cache/cache-store.ts'

let dir: string
let time = 0
let store: CacheStore
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-cache-'))
  time = Date.UTC(2030, 0, 1)
  store = openCacheStore(dir, { limit: 100, now: () => time })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const P = 'group/app'
const put = (key: string, text: string, bytes = text.length) =>
  store.write(P, key, async (folder) => {
    writeFileSync(join(folder, 'f'), text)
    return { files: 1, bytes }
  })
const get = (key: string, which = store) =>
  which.read(P, key, async ({ folder }) => readFileSync(join(folder, 'f'), 'utf8'))

it('gives back what was put, and only to its project and key', async () => {
  await put('k', 'one')
  expect(await get('k')).toBe('one')
  expect(await get('other')).toBe('missing')
  expect(await store.read('group/other', 'k', async () => 'x')).toBe('missing')
  expect(readdirSync(join(dir, 'group/app/k'))).toHaveLength(2)
})

it('the last writer wins, and the files before are gone', async () => {
  await put('k', 'one')
  await put('k', 'two')
  expect(await get('k')).toBe('two')
  expect(readdirSync(join(dir, 'group/app/k'))).toHaveLength(2)
})

it('a writer that fails leaves what was there, and nothing of its own', async () => {
  await put('k', 'one')
  await expect(
    store.write(P, 'k', async (folder) => {
      writeFileSync(join(folder, 'f'), 'half')
      throw new Error('disk full')
    }),
  ).rejects.toThrow('disk full')
  expect(await get('k')).toBe('one')
  expect(readdirSync(join(dir, 'group/app/k'))).toHaveLength(2)
})

it('what is being read stays whole while another process replaces it', async () => {
  await put('k', 'one')
  const other = openCacheStore(dir, { limit: 100, now: () => time })
  const seen = await store.read(P, 'k', async ({ folder }) => {
    await other.write(P, 'k', async (to) => {
      writeFileSync(join(to, 'f'), 'two')
      return { files: 1, bytes: 3 }
    })
    return readFileSync(join(folder, 'f'), 'utf8')
  })
  expect(seen).toBe('one')
  expect(await get('k')).toBe('two')
})

it('what a killed process left goes after an hour', async () => {
  await put('k', 'one')
  const place = join(dir, 'group/app/k')
  mkdirSync(join(place, 'files-half'))
  writeFileSync(join(place, 'reader-dead'), '{"pid":1,"pidStart":"0","bootId":"x","folder":"files-half"}')
  time = Date.now()
  await put('k', 'two')
  expect(readdirSync(place)).toContain('files-half')
  time += 3_700_000
  await put('k', 'three')
  expect(readdirSync(place).filter((name) => name !== 'cache.json' && !name.startsWith('files-'))).toEqual([])
  expect(readdirSync(place)).not.toContain('files-half')
})

describe('a cache that cannot be used is damaged', () => {
  const place = () => join(dir, 'group/app/k')
  const record = () => join(place(), 'cache.json')
  it.each<[string, () => void]>([
    ['no JSON', () => writeFileSync(record(), '{')],
    ['another shape', () => writeFileSync(record(), '{"key":1}')],
    [
      'a folder elsewhere',
      () =>
        writeFileSync(
          record(),
          JSON.stringify({ key: 'k', folder: '../..', files: 1, bytes: 1, savedAt: 1 }),
        ),
    ],
    [
      'the files gone',
      () => {
        for (const name of readdirSync(place()))
          if (name.startsWith('files-')) rmSync(join(place(), name), { recursive: true })
      },
    ],
  ])('%s', async (_, damage) => {
    await put('k', 'one')
    damage()
    expect(await get('k')).toBe('damaged')
    await put('k', 'two')
    expect(await get('k')).toBe('two')
  })
})

it('what was not used for longest goes when a project has more than it may', async () => {
  for (const key of ['a', 'b', 'c']) {
    await put(key, key, 30)
    time += 1000
  }
  await get('a')
  time += 1000
  await put('d', 'd', 30)
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => get(key)))).toEqual(['a', 'missing', 'c', 'd'])
})
