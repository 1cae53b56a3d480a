import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { compileSimple } from '../../../src/ci/expression/simple-pattern.ts'
import { runProgram } from '../../../src/ci/expression/simple-program.ts'

/** Undefined when the pattern is not a plain one. */
function simple(body: string, flags: string, text: string): boolean | undefined {
  const program = compileSimple(body, flags)
  return program && runProgram(program, text)
}

function re2(body: string, flags: string, text: string): boolean | string {
  try {
    return RE2JS.compile(flags === '' ? body : `(?${flags})${body}`).test(text)
  } catch (error) {
    return String(error)
  }
}

const flags = fc.subarray(['i', 's', 'm', 'U']).map((letters) => letters.join(''))
const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    'k',
    'K',
    'S',
    's',
    'z',
    '0',
    '1',
    '-',
    '/',
    '.',
    '_',
    ' ',
    '\n',
    '\t',
    '\v',
    'é',
    'ſ',
    '\u212a',
    '😀',
    '^',
  ),
  maxLength: 12,
})

const atoms = [
  'a',
  'b',
  'k',
  's',
  'K',
  'S',
  '0',
  '1',
  '-',
  '/',
  'é',
  '😀',
  ' ',
  ',',
  ']',
  '}',
  '_',
  '.',
  '\\.',
  '\\/',
  '\\-',
  '\\d',
  '\\w',
  '\\s',
  '\\D',
  '\\W',
  '\\S',
  '\\n',
  '\\t',
  '[a-k]',
  '[^a]',
  '[\\d-]',
  '[-a]',
  '[a-z0-9_.-]',
  '[^\\n]',
  '[^k-s]',
  '[\\w/]',
  '[K-S]',
  '[é-ü]',
  '[😀]',
  '[^\\W]',
  '[a-c-e]',
  '[+--]',
  '[ -~]',
  '[^\\s,]',
]
const atom = fc.constantFrom(...atoms)
const repetition = fc.constantFrom(
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '*?',
  '+?',
  '??',
  '{2}',
  '{0}',
  '{1,}',
  '{0,2}',
  '{1,3}?',
)
const place = fc.constantFrom('^', '$', '\\A', '\\z')
const { regex } = fc.letrec<{ regex: string; branch: string; item: string }>((tie) => ({
  regex: fc.array(tie('branch'), { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|')),
  branch: fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
  item: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 6, arbitrary: fc.tuple(atom, repetition).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: place },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('(', '(?:'), tie('regex'), fc.constant(')'), repetition)
        .map((parts) => parts.join('')),
    },
  ),
}))

describe('a plain pattern', () => {
  it('is matched as re2js matches it', () => {
    let plain = 0
    fc.assert(
      fc.property(regex, flags, text, (body, letters, subject) => {
        const ours = simple(body, letters, subject)
        if (ours === undefined) return
        plain++
        expect(ours).toBe(re2(body, letters, subject))
      }),
      { numRuns: 4000 },
    )
    expect(plain).toBeGreaterThan(1500)
  })

  it('is never one that re2js refuses', () => {
    const signs = fc.constantFrom(...Array.from('ab0^$.*+?()[]{}|\\/-:P<>=!,12iwdsbzQE'))
    expect.hasAssertions()
    fc.assert(
      fc.property(
        fc.string({ unit: signs, maxLength: 10 }),
        flags,
        fc.string({ unit: fc.constantFrom('a', 'b', '0', '-', '/'), maxLength: 5 }),
        (body, letters, subject) => {
          const ours = simple(body, letters, subject)
          fc.pre(ours !== undefined)
          expect(ours).toBe(re2(body, letters, subject))
        },
      ),
      { numRuns: 6000 },
    )
  })

  it.each([
    '^v\\d+\\.\\d+\\.\\d+$',
    '^release\\/.*$',
    '^(release|hotfix)\\/.*',
    '^v\\d+\\.\\d+(\\.\\d+)?($|-)',
    '(web|api|schedule)',
    '^stable-.*$',
    '^gnome-[0-9-]+$',
    '^[\\d-]+-stable$',
    '\\[ci: NON_DEFAULT_JVMS\\]',
    '^(?:[^,\\n\\r]+,)*windows(?:,[^,\\n\\r]+)*$',
    '^v?[0-9]+\\.[0-9]+\\.[0-9]+$',
    '^knot-resolver-devel|knot-dns-devel$',
    '^[0-9a-f]{8}-[0-9a-f]{4}$',
  ])('%s needs no library', (body) => {
    expect(compileSimple(body, '')).toBeDefined()
    expect(compileSimple(body, 'i')).toBeDefined()
  })

  it.each([
    'a(?=b)',
    '(a)\\1',
    '(?P<n>a)',
    '\\bword\\b',
    '[[:alpha:]]',
    '\\pL',
    '*a',
    'a**',
    'a{1001}',
    '[',
    '(',
    ')',
    'a\\',
    '[z-a]',
    '(?i)a',
    '\\Qa\\E',
  ])('%s is left to re2js', (body) => {
    expect(compileSimple(body, '')).toBeUndefined()
  })

  it('gives up on work that would take too long, whatever the machine', () => {
    const program = compileSimple('(a?){100}(a?){100}(a?){100}b', '')
    const started = performance.now()
    expect(program && runProgram(program, 'a'.repeat(500_000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
