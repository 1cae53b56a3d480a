import { describe, expect, it } from 'vitest'
import { matchingPaths } from '../../../src/ci/include/wildcard.ts'

const paths = [
  'a.yml',
  'configs/a.yml',
  'configs/a.yaml',
  'configs/sub/b.yml',
  'configs/sub/deep/c.yml',
  'other/a.yml',
]

describe('wildcards of include:local', () => {
  it.each<[string, string[]]>([
    ['configs/*.yml', ['configs/a.yml']],
    ['/configs/*.yml', ['configs/a.yml']],
    ['configs/**.yml', ['configs/a.yml', 'configs/sub/b.yml', 'configs/sub/deep/c.yml']],
    ['configs/**/*.yml', ['configs/sub/b.yml', 'configs/sub/deep/c.yml']],
    ['*.yml', ['a.yml']],
    ['**', paths],
    ['*/a.yml', ['configs/a.yml', 'other/a.yml']],
    ['config?/*.yml', []],
    ['configs/[a].yml', []],
  ])('%s', (pattern, fitting) => {
    expect(matchingPaths(pattern, paths)).toEqual(fitting)
  })

  it('no pattern takes long', () => {
    const started = performance.now()
    expect(matchingPaths(`${'**a'.repeat(50)}.yml`, ['a'.repeat(4000)])).toEqual([])
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
