import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fnmatch } from '../../src/shared/fnmatch.ts'
import { matchGraph } from '../../src/shared/fnmatch-graph.ts'
import { askRuby, hasRuby } from '../oracles/ruby.ts'
import { readJsonTable, readRows } from '../oracles/table.ts'

type Matcher = (pattern: string, path: string) => boolean

const table = readJsonTable('fnmatch.json') as { paths: string[]; answers: [string, string][] }

function answer(matcher: Matcher, pattern: string, paths: readonly string[]): string {
  return paths.map((path) => (matcher(pattern, path) ? '1' : '0')).join('')
}

const piece = fc.constantFrom(
  'a',
  'b',
  '*',
  '**',
  '**/',
  '/',
  '?',
  '[',
  ']',
  '[a-b]',
  '[!a]',
  '[^/]',
  '{',
  '}',
  ',',
  '{a,b}',
  '{,*}',
  '{a/,b}',
  '\\',
  '-',
  '!',
  '^',
  '.',
  'é',
  '😀',
)
const pattern = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''))
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', '/', '.', '-', '[', ']', 'é', '😀'), { maxLength: 8 })
  .map((pieces) => pieces.join(''))

/** Fixed, so that a run without changes has no surprises; another number tries other patterns. */
const seed = 1

describe('fnmatch', () => {
  it.each(readRows('fnmatch-rules.tsv'))('GitLab: %s on %s: %s', (glob = '', file = '', expected) => {
    expect(fnmatch(glob, file) ? 'yes' : 'no').toBe(expected)
  })

  it.each(table.answers)('%j matches what Ruby matches', (glob, expected) => {
    expect(answer(fnmatch, glob, table.paths)).toBe(expected)
  })

  it.runIf(hasRuby())(
    'the recorded answers are those of this machine’s Ruby',
    () => {
      const patterns = table.answers.map(([glob]) => glob)
      expect(askRuby('fnmatch.rb', { patterns, paths: table.paths })).toEqual(
        table.answers.map(([, recorded]) => recorded),
      )
    },
    60_000,
  )

  it.runIf(hasRuby())(
    'agrees with this machine’s Ruby on random patterns',
    () => {
      const patterns = fc.sample(pattern, { numRuns: 1500, seed })
      const paths = fc.sample(path, { numRuns: 40, seed })
      const answers = askRuby('fnmatch.rb', { patterns, paths })
      expect(patterns.map((glob) => [glob, answer(fnmatch, glob, paths)])).toEqual(
        patterns.map((glob, index) => [glob, (answers as string[])[index]]),
      )
    },
    60_000,
  )

  it('is false for a null byte, where Ruby raises', () => {
    expect(fnmatch('*', 'a\0')).toBe(false)
    expect(fnmatch('*\0', 'a')).toBe(false)
  })
})

describe('all alternatives at once', () => {
  it.each(table.answers)('%j matches the same', (glob, expected) => {
    expect(answer(matchGraph, glob, table.paths)).toBe(expected)
  })

  it('is the same as one after the other', () => {
    fc.assert(
      fc.property(pattern, path, (glob, file) => {
        expect(matchGraph(glob, file)).toBe(fnmatch(glob, file))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('no pattern is slow', () => {
  it.each<[string, string, boolean]>([
    ['{a,b}'.repeat(30), 'b'.repeat(30), true],
    ['{a,b}'.repeat(30), `${'b'.repeat(29)}c`, false],
    [`${'*{a,b}'.repeat(30)}c`, 'ab'.repeat(60), false],
    ['{,}'.repeat(200), '', true],
    [`${'['.repeat(1)}${'{a,b}'.repeat(30)}]`, 'b', true],
    [`${'{**/,*}'.repeat(20)}x`, 'a/b/c/d/e/f', false],
    [`${'*a'.repeat(200)}b`, 'a'.repeat(2000), false],
    [`${'**/*a'.repeat(40)}/b`, 'a/'.repeat(300), false],
    ['*'.repeat(20_000), 'a', true],
    ['{'.repeat(10_000), 'a', false],
    [`${'{'.repeat(5000)}a${'}'.repeat(5000)}`, 'a', true],
    [`${'**/'.repeat(3000)}x`, 'a/'.repeat(1000), false],
    [`{${'a,'.repeat(5000)}b}`, 'b', true],
  ])('%.30s on %.20s', (glob, file, expected) => {
    const started = performance.now()
    expect(fnmatch(glob, file)).toBe(expected)
    expect(performance.now() - started).toBeLessThan(250) // 50 ms, with room for a busy machine
  })
})
