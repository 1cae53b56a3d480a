import { expect, it } from 'vitest'
import { cachedConfig } from '../../src/compile/config-cache.ts'
import { err } from '../../src/shared/result.ts'

let reads = 0

const readsFor = (key: string): number => {
  const before = reads
  cachedConfig(key, () => {
    reads += 1
    return err({ diagnostics: [], sources: new Map() })
  })
  return reads - before
}

it('reads a composition once', () => {
  expect(readsFor('a')).toBe(1)
  expect(readsFor('a')).toBe(0)
  expect(readsFor('b')).toBe(1)
})

it('forgets the oldest of more than 32', () => {
  for (let number = 0; number < 40; number++) readsFor(`blob-${number}`)
  expect(readsFor('blob-39')).toBe(0)
  expect(readsFor('blob-8')).toBe(0)
  expect(readsFor('blob-0')).toBe(1)
})
