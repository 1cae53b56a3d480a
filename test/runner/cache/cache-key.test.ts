import { describe, expect, it } from 'vitest'
import { cacheKeyOf, folderOfKey } from '../../../src/runner/cache/cache-key.ts'

const JOB = { name: 'build', ref: 'main' }

describe('a cache key, as gitlab-runner sanitizes it', () => {
  it.each([
    ['default', 'default'],
    ['', 'build/main'],
    ['a/b', 'a/b'],
    ['$', '$'],
    ['ünï-1', 'ünï-1'],
  ])('%j stays or is %j, without a warning', (written, key) => {
    expect(cacheKeyOf(written, JOB)).toEqual({ key, warning: null, problem: null })
  })

  it.each([
    ['a%2fb', 'a/b'],
    ['a%2Eb', 'a.b'],
    ['a\\b', 'a/b'],
    ['../../etc', 'etc'],
    ['a/../b', 'b'],
    ['key  ', 'key'],
    ['a/ ', 'a'],
    ['/a//b/', 'a/b'],
  ])('%j becomes %j, and the log says so', (written, key) => {
    expect(cacheKeyOf(written, JOB)).toEqual({
      key,
      warning: `cache key ${JSON.stringify(written)} sanitized to ${JSON.stringify(key)}`,
      problem: null,
    })
  })

  it.each(['..', '.', '/', ' ', '%2e%2e'])('%j is no key', (written) => {
    expect(cacheKeyOf(written, JOB)).toEqual({
      key: null,
      warning: `cache key ${JSON.stringify(written)} could not be sanitized`,
      problem: 'empty cache key',
    })
  })
})

it.each([
  ['default-protected', 'default-protected'],
  ['a/b', 'a%2Fb'],
  ['.hidden', '%2Ehidden'],
  ['x'.repeat(300), `${'x'.repeat(100)}~hash`],
])('the folder of %j', (key, folder) => {
  expect(folderOfKey(key, () => 'hash')).toBe(folder)
})
