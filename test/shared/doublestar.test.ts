import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  globDoublestar,
  hasMeta,
  isValidDoublestar,
  matchDoublestar,
  splitPattern,
  unescapeMeta,
} from '../../src/shared/doublestar.ts'
import { matchGraph } from '../../src/shared/doublestar-graph.ts'
import { matchLikeGo } from '../../src/shared/doublestar-match.ts'
import { readRows } from '../oracles/table.ts'

const word = (truth: boolean): string => (truth ? 'yes' : 'no')

describe('doublestar', () => {
  it.each(readRows('doublestar.tsv'))(
    '%s on %s: match %s, glob %s',
    (pattern = '', path = '', match, glob) => {
      expect([word(matchDoublestar(pattern, path)), word(globDoublestar(pattern, path))]).toEqual([
        match,
        glob,
      ])
    },
  )

  it('matches nothing with an empty pattern but the empty path', () => {
    expect(matchDoublestar('', '')).toBe(true)
    expect(matchDoublestar('', 'a')).toBe(false)
    expect(matchDoublestar('*', '')).toBe(true)
  })

  it.each([
    ['build', false],
    ['a/*.o', true],
    ['a?', true],
    ['[a]', true],
    ['{a,b}', true],
    ['a\\*b', false],
    ['a\\\\*b', true],
    ['a]b}', false],
    ['', false],
  ])('%s has meta characters: %s', (pattern, expected) => {
    expect(hasMeta(pattern)).toBe(expected)
  })

  it.each([
    ['build', true],
    ['a{b,[c]}', true],
    ['[', false],
    ['[]', false],
    ['[!]', false],
    ['[a', false],
    ['{a', false],
    ['a}', false],
    ['a\\', false],
    ['\\{', true],
    ['[\\]', false],
  ])('%s is valid: %s', (pattern, expected) => {
    expect(isValidDoublestar(pattern)).toBe(expected)
  })

  it.each([
    ['path/to/meta*/**', 'path/to', 'meta*/**'],
    ['../../path/to/meta*/**', '../../path/to', 'meta*/**'],
    ['meta*/**', '.', 'meta*/**'],
    ['/x*', '/', 'x*'],
    ['a/b', 'a', 'b'],
    ['a/b/', 'a/b', ''],
    ['a\\*b/{c,d}/e', 'a*b', '{c,d}/e'],
    ['a{b/c', '.', 'a{b/c'],
    ['', '.', ''],
  ])('%s begins in %s and goes on with %s', (pattern, base, rest) => {
    expect(splitPattern(pattern)).toEqual({ base, rest })
  })

  it('names a path without meta characters', () => {
    expect(unescapeMeta('a\\*\\{b\\x')).toBe('a*{b\\x')
  })
})

describe('the two matchers', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    '/',
    '*',
    '?',
    '/**/',
    '/**',
    '{a,b}',
    '{a,}',
    '{a/b,b}',
    '{/**,b}',
    '\\a',
    'é',
  )
  const pattern = fc
    .array(piece, { maxLength: 8 })
    .map((pieces) => pieces.join('').replaceAll(/\*{3,}/g, '*'))
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab', '/', 'é'), { maxLength: 9 })
    .map((pieces) => pieces.join(''))

  it('agree where Go has no peculiarity', () => {
    fc.assert(
      fc.property(pattern, path, (glob, file) => {
        fc.pre(file !== '' && !file.includes('//') && !/^\/|\/$/.test(file))
        fc.pre(!/\*\*\/?$|\*[{*]|[^/]\{\/\*\*/.test(glob)) // `**` at the end, or read differently before or in a group
        expect(matchGraph(glob, file)).toBe(matchLikeGo(glob, file))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('no pattern is slow', () => {
  it.each<[string, string, boolean]>([
    ['{a,b}'.repeat(30), 'b'.repeat(30), true],
    ['*{a,b}'.repeat(30), `${'ab'.repeat(60)}c`, false],
    [`${'*{a,b}'.repeat(30)}c`, 'ab'.repeat(60), false],
    [`${'{,}'.repeat(60)}a`, 'b', false],
    ['{,}'.repeat(200), '', true],
    [`${'**/{a,b}/'.repeat(20)}c`, 'a/'.repeat(60), false],
    [`${'*a'.repeat(200)}b`, 'a'.repeat(2000), false],
    ['*'.repeat(20_000), 'a', true],
    ['{'.repeat(10_000), 'a', false],
    [`${'{'.repeat(2000)}a${'}'.repeat(2000)}`, 'a', true],
    [`{${'a,'.repeat(3000)}b}`, 'b', true],
  ])('%.30s on %.20s', (pattern, path, expected) => {
    const started = performance.now()
    expect(matchDoublestar(pattern, path)).toBe(expected)
    expect(globDoublestar(pattern, path)).toBe(expected)
    expect(performance.now() - started).toBeLessThan(500) // 50 ms each, with room for a busy machine
  })
})
