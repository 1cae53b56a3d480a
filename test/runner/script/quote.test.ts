import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteForBash, quoteForSh, type Quote } from '../../../src/runner/script/quote.ts'

function read(shell: string, quote: Quote, values: readonly string[]): string[] {
  const script = values.map((value) => `printf '%s\\0' ${quote(value)}`).join('\n')
  return execFileSync(shell, ['-s'], { input: `${script}\n`, env: { LC_ALL: 'C' } })
    .toString()
    .split('\0')
    .slice(0, -1)
}

describe.each<[string, Quote]>([
  ['bash', quoteForBash],
  ['sh', quoteForSh],
])('%s reads back', (shell, quote) => {
  it('what people write', () => {
    const values = [
      '',
      'plain/path-1.0',
      "it's",
      '"',
      '\\',
      '\\n',
      'a\nb',
      '\t\r\u0001\u007f',
      '$HOME `id` $(id)',
      '!! ~ * ? [a] {b,c} #',
      '-n',
      'ü 日本 \u{1F600}',
      "'\\''",
    ]
    expect(read(shell, quote, values)).toEqual(values)
  })

  it('everything but NUL', () => {
    const value = fc
      .string({ unit: 'binary' })
      .filter((text) => !text.includes('\0') && Buffer.from(text).toString() === text)
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 40 }), (values) => {
        expect(read(shell, quote, values)).toEqual(values)
      }),
      { numRuns: 20 },
    )
  })

  it('a NUL, which no variable can hold, is left out', () =>
    expect(read(shell, quote, ['a\0b'])).toEqual(['ab']))
})
