import { describe, expect, it } from 'vitest'
import { compilePattern, matches } from '../../../src/ci/expression/pattern.ts'
import { compileRe2 } from '../../../src/ci/expression/re2.ts'
import { askRuby, hasRuby } from '../../oracles/ruby.ts'
import { readJsonTable } from '../../oracles/table.ts'

const table = readJsonTable('re2.json') as { texts: string[]; answers: [string, string][] }

/** Where re2js is known to differ from the recorded RE2 (libre2 2022). */
const known = new Map([['\\C', 'one byte, which no text of ours is made of']])

function isFound(source: string, text: string): boolean | string {
  const pattern = compilePattern(source)
  return pattern.ok ? matches(pattern.value, text) : 'invalid'
}

describe('patterns', () => {
  it.each(table.answers)('/%s/ is matched as RE2 matches it', (body, answers) => {
    if (known.has(body)) return
    const ours = table.texts.map((text) => isFound(`/${body}/`, text))
    expect(ours.includes('invalid') ? 'invalid' : ours.map(Number).join('')).toBe(answers)
  })

  it.runIf(hasRuby('re2'))(
    'the recorded answers are those of the RE2 on this machine',
    () => {
      const patterns = table.answers.map(([pattern]) => pattern)
      expect(askRuby('re2.rb', { patterns, texts: table.texts })).toEqual(
        table.answers.map(([, answer]) => answer),
      )
    },
    60_000,
  )

  it.each([
    ['/^v\\d/', 'v1', true],
    ['/FEATURE/i', 'my-feature', true],
    ['/a.b/', 'a\nb', false],
    ['/a.b/s', 'a\nb', true],
    ['/^b$/', 'a\nb', false],
    ['/^b$/m', 'a\nb', true],
    ['/a+/U', 'aa', true],
    ['/x/', 'x', true], // one character will do outside expressions
    ['//', 'anything', true],
    ['/a/b/', 'a/b', true],
    ['/a\\/b/', 'a/b', true],
    ['first\n/x/\nlast', 'x', true], // Ruby's ^ and $ are those of lines
    ['/(?<n>a)/', 'a', true], // RE2 since 2023, beside (?P<n>a)
    ['/a/x', 'a', 'invalid'],
    ['/a', 'a', 'invalid'],
    ['a/', 'a', 'invalid'],
    ['/a\nb/', 'a\nb', 'invalid'],
    ['', '', 'invalid'],
    ['/(/', '(', 'invalid'],
    ['/(?!a)/', 'b', 'invalid'],
  ])('%j in %j: %s', (source, text, expected) => {
    expect(isFound(source, text)).toBe(expected)
  })

  it('a pattern that does not compile says why', () => {
    expect(compilePattern('/a(?=b)/')).toMatchObject({ ok: false, error: expect.stringContaining('(?=') })
  })

  it.each([
    ['/(a+)+$/', `${'a'.repeat(5000)}b`],
    ['/((a{30}){30}){30}/', 'a'.repeat(5000)],
    ['/(?i)(\\pL|\\pN){900}x/', 'é1'.repeat(3000)],
    ['/(\\pL{30}){30}/', 'a'.repeat(5000)],
    ['/\\b(x+x+)+y\\b/', 'x'.repeat(20_000)],
    ['/((((((((((a?){2}){2}){2}){2}){2}){2}){2}){2}){2})$/', `${'a'.repeat(3000)}b`],
    [`/${'(a|b)*a'.repeat(40)}\\b/`, 'ab'.repeat(20_000)],
    [`/${'('.repeat(4000)}/`, 'a'],
    [`/${'a{1000}'.repeat(1000)}\\b/`, 'a'],
    [`/${'(a|b|'.repeat(400)}${')'.repeat(400)}/`, 'c'.repeat(5000)],
  ])('%.40j costs little', (source, text) => {
    compilePattern('/\\bwarm\\b/')
    const started = performance.now()
    isFound(source, text)
    expect(performance.now() - started).toBeLessThan(250) // 50 ms, with room for a busy machine
  })

  it('a huge pattern is refused before it is built', () => {
    expect(compileRe2('(\\pL{1000}){1000}')).toMatchObject({
      ok: false,
      error: 'pattern too large - compile failed',
    })
    expect(compileRe2('\\x{2028}[{1000}]\\p{Greek}')).toMatchObject({ ok: true })
  })
})
