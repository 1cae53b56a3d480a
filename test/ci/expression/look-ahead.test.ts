import { describe, expect, it } from 'vitest'
import { compileRefPattern } from '../../../src/ci/expression/look-ahead.ts'

/** Pattern, ref, whether Ruby's Regexp finds it. */
const rows: [source: string, ref: string, found: boolean][] = [
  ['/^(?!v[0-9]+).*/', 'main', true],
  ['/^(?!v[0-9]+).*/', 'v1', false],
  ['/^(?!master).+$/', 'mastery', false],
  ['/^(?!master$).+$/', 'mastery', true],
  ['/^(?=v)(?!v0).*$/', 'v1', true],
  ['/^(?=v)(?!v0).*$/', 'v0.1', false],
  ['/^(?!(a|b)-).*$/', 'b-x', false],
  ['/^(?!(a|b)-).*$/', 'c-x', true],
  ['/^(?!Main)/i', 'main', false],
  ['/^(?!a[)]|b)x/', 'x', true],
]

describe('a leading look-ahead', () => {
  it.each(rows)('%s and %s: %s', (source, ref, found) => {
    const compiled = compileRefPattern(source)
    expect(compiled).toMatchObject({ ok: true, value: { outdated: true } })
    expect(compiled.ok && compiled.value.pattern.test(ref)).toBe(found)
  })

  it.each(['/a(?!b)/', '/^a(?!b)/', '/^(?!a)b|c/', '/^(?<!a)b/', '/^(?!a(?!b))c/', '/^(?!a/'])(
    '%s stays refused',
    (source) => {
      expect(compileRefPattern(source).ok).toBe(false)
    },
  )

  it('is not needed by an ordinary pattern', () => {
    expect(compileRefPattern('/^v/')).toMatchObject({ ok: true, value: { outdated: false } })
  })
})
