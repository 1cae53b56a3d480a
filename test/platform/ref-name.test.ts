import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasControlCharacter, isFullRefName, isShortRefName } from '../../src/platform/ref-name.ts'

describe('isShortRefName', () => {
  it.each([
    'main',
    'feature/x',
    'v1.0',
    'a.b',
    '@',
    'HEAD',
    '$(id)',
    '`id`',
    ';id',
    'ü/日本',
    "it's",
    'x-',
    'a@b',
    'lock',
    '#1',
  ])('takes %s', (name) => {
    expect(isShortRefName(name)).toBe(true)
  })

  it.each([
    '',
    '-x',
    '--help',
    '--upload-pack=touch /tmp/x',
    'a b',
    'a\tb',
    'a\nb',
    'a\0b',
    'a\u007fb',
    'main~1',
    'main^{}',
    'main:path',
    '@{-1}',
    'a@{b',
    'a..b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a.',
    '/a',
    'a/',
    'a//b',
    'a?',
    'a*',
    'a[',
    'a\\b',
  ])('refuses %j', (name) => expect(isShortRefName(name)).toBe(false))
})

it('agrees with git check-ref-format', () => {
  const piece = fc.constantFrom(
    'a',
    'B',
    '-',
    '.',
    '..',
    '/',
    '@',
    '{',
    '@{',
    '}',
    '.lock',
    'lock',
    '~',
    '^',
    ':',
    '?',
    '*',
    '[',
    ']',
    '\\',
    ' ',
    '\n',
    '\u0001',
    '\u007f',
    'ü',
    '$',
    '"',
  )
  const name = fc.oneof(
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
  )
  fc.assert(
    fc.property(name, (short) => {
      const full = `refs/heads/${short}`
      // An argument cannot hold NUL; git never sees such a name.
      const accepted = !full.includes('\0') && spawnSync('git', ['check-ref-format', full]).status === 0
      expect([full, isFullRefName(full)]).toEqual([full, accepted])
    }),
    { numRuns: 300 },
  )
})

it('finds control characters', () => {
  expect(hasControlCharacter('a\u001bb')).toBe(true)
  expect(hasControlCharacter('a\u007f')).toBe(true)
  expect(hasControlCharacter(' ü~')).toBe(false)
})
