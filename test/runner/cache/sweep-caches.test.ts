import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openCacheStore, sweepCaches } from '../../../src/runner/cache/cache-store.ts'
import { temporaryFolder } from '../../support/state-folder.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 10, 1)

/** Three caches of 100 bytes, saved on three days. */
async function saved() {
  const dir = temporaryFolder()
  let now = START
  const caches = openCacheStore(dir, { limit: Infinity, now: () => now })
  for (const key of ['first', 'second', 'third']) {
    await caches.write('group/app', key, (folder) => {
      writeFileSync(join(folder, 'x'), Buffer.alloc(100))
      return Promise.resolve({ files: 1, bytes: 100 })
    })
    now += DAY
  }
  const left = async (): Promise<string[]> => {
    const keys: string[] = []
    for (const key of ['first', 'second', 'third'])
      if (caches.savedAt('group/app', key) !== undefined) keys.push(key)
    return Promise.resolve(keys)
  }
  return { dir, caches, left }
}

it('removes what nobody used for long', async () => {
  const { dir, left } = await saved()
  await sweepCaches(dir, 'group/app', { ageMs: 1.5 * DAY, bytes: Infinity, now: START + 3 * DAY })
  expect(await left()).toEqual(['third'])
  expect(readdirSync(join(dir, 'group', 'app'))).toHaveLength(1)
})

it('removes what is too much, longest unused first', async () => {
  const { dir, left } = await saved()
  await sweepCaches(dir, 'group/app', { ageMs: Infinity, bytes: 200, now: START + 3 * DAY })
  expect(await left()).toEqual(['second', 'third'])
})

it('leaves what is being read', async () => {
  const { dir, caches } = await saved()
  const found = await caches.read('group/app', 'first', async ({ folder }) => {
    await sweepCaches(dir, 'group/app', { ageMs: 0, bytes: Infinity, now: START + 99 * DAY })
    return readdirSync(folder)
  })
  expect(found).toEqual(['x'])
})

it('of a project without caches there is nothing to do', async () => {
  const sweep = sweepCaches(temporaryFolder(), 'group/app', { ageMs: 0, bytes: 0, now: START })
  await expect(sweep).resolves.toBe(0)
})
