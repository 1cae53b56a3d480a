import { expect, it } from 'vitest'
import { load, type LoadFailure } from '../../src/ci/load.ts'
import type { Config } from '../../src/ci/config.ts'
import { cachedConfig } from '../../src/compile/config-cache.ts'
import type { Result } from '../../src/shared/result.ts'

let reads = 0

function read(): Promise<Result<Config, LoadFailure>> {
  reads += 1
  return load({ path: 'ci.yml', text: 'job: {script: x}' }, () => Promise.resolve(undefined))
}

const readsFor = async (blobId: string, path = 'ci.yml'): Promise<number> => {
  const before = reads
  await cachedConfig({ blobId, path }, read)
  return reads - before
}

it('reads a blob once for each path', async () => {
  expect(await readsFor('a')).toBe(1)
  expect(await readsFor('a')).toBe(0)
  expect(await readsFor('a', 'other.yml')).toBe(1)
})

it('forgets the oldest of more than 32', async () => {
  for (let number = 0; number < 40; number++) await readsFor(`blob-${number}`)
  expect(await readsFor('blob-39')).toBe(0)
  expect(await readsFor('blob-8')).toBe(0)
  expect(await readsFor('blob-0')).toBe(1)
})
