import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMasker } from '../../../src/runner/log/mask.ts'
import { needlesOf, type Needles } from '../../../src/runner/log/needles.ts'

function mask(needles: Needles, pieces: readonly string[]): string {
  const masker = createMasker(needles)
  const shown = pieces.map((piece) => Buffer.from(masker.write(Buffer.from(piece, 'latin1'))))
  return Buffer.concat([...shown, masker.end()]).toString('latin1')
}

describe('masked values', () => {
  it.each`
    case                                | values                                   | text                                  | shown
    ${'a secret'}                       | ${['secret-value']}                      | ${'x secret-value y'}                 | ${'x [MASKED] y'}
    ${'two that only touch'}            | ${['secret-value-1']}                    | ${'secret-value-1secret-value-1'}     | ${'[MASKED][MASKED]'}
    ${'two that overlap'}               | ${['abcd', 'cdef']}                      | ${'-abcdef-'}                         | ${'-[MASKED]-'}
    ${'one inside another'}             | ${['secret-value-1', 'secret-value-12']} | ${'secret-value-12 secret-value-1'}   | ${'[MASKED] [MASKED]'}
    ${'overlapping itself'}             | ${['aa']}                                | ${'baaab'}                            | ${'b[MASKED]b'}
    ${'white space at its ends'}        | ${['  secret-value \n']}                 | ${'secret-value'}                     | ${'[MASKED]'}
    ${'nothing'}                        | ${['', '  ']}                            | ${'a b'}                              | ${'a b'}
    ${'one character'}                  | ${['x']}                                 | ${'axbxx'}                            | ${'a[MASKED]b[MASKED][MASKED]'}
    ${'only its beginning, at the end'} | ${['secret-value']}                      | ${'partial secret-valu'}              | ${'partial secret-valu'}
    ${'base64 by itself'}               | ${['hunter2-hunter2']}                   | ${'aHVudGVyMi1odW50ZXIy'}             | ${'[MASKED]'}
    ${'base64 with padding'}            | ${['hunter2-hunter']}                    | ${'aHVudGVyMi1odW50ZXI='}             | ${'[MASKED]'}
    ${'URL-encoded, small digits'}      | ${['pass/word+1']}                       | ${'?p=pass%2fword%2b1&x'}             | ${'?p=[MASKED]&x'}
    ${'as a form sends it'}             | ${['pass word (1)']}                     | ${'p=pass+word+%281%29'}              | ${'p=[MASKED]'}
    ${'base64 for URLs'}                | ${['~~~???>>>~~~']}                      | ${'fn5-Pz8_Pj4-fn5-'}                 | ${'[MASKED]'}
    ${'URL-encoded'}                    | ${['pass/word+1']}                       | ${'?p=pass%2Fword%2B1&x'}             | ${'?p=[MASKED]&x'}
    ${'URL-encoded with slashes kept'}  | ${['pass/word+1']}                       | ${'/pass/word%2B1&x'}                 | ${'/[MASKED]&x'}
    ${'as xtrace quotes it'}            | ${["it's-a $ecret"]}                     | ${"'it'\\''s-a $ecret'"}              | ${"'[MASKED]'"}
    ${'as printf %q quotes it'}         | ${["it's-a $ecret"]}                     | ${"x it\\'s-a\\ \\$ecret y"}          | ${'x [MASKED] y'}
    ${'the whole of several lines'}     | ${['first line of it\nab\nthird line']}  | ${'first line of it\nab\nthird line'} | ${'[MASKED]'}
    ${'one line of several'}            | ${['first line of it\nab\nthird line']}  | ${'x third line ab'}                  | ${'x [MASKED] ab'}
  `('$case', ({ values, text, shown }) => expect(mask(needlesOf(values), [text])).toBe(shown))

  it('in the base64 form of a longer text', () => {
    const shown = mask(needlesOf(['hunter2-hunter2']), [
      Buffer.from('user:hunter2-hunter2').toString('base64'),
    ])
    expect(shown).toContain('[MASKED]')
    expect(shown).not.toContain('odW50ZXI')
  })

  it.each([76, 64])('in base64 broken at %i characters', (length) => {
    const base64 = Buffer.from('0123456789abcdefghij'.repeat(5)).toString('base64')
    const lines = base64.match(new RegExp(`.{1,${length}}`, 'g')) ?? []
    const shown = mask(needlesOf(['0123456789abcdefghij'.repeat(5)]), [lines.join('\n')])
    expect(shown).toBe(lines.map(() => '[MASKED]').join('\n'))
  })

  it('printed in three pieces', () => {
    expect(mask(needlesOf(['secret-value']), ['a secr', 'et-va', 'lue b'])).toBe('a [MASKED] b')
  })

  it('keeps binary output byte for byte', () => {
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, index) => (index * 7) % 256)).toString(
      'latin1',
    )
    expect(mask(needlesOf(['secret-value']), [bytes.slice(0, 100), bytes.slice(100)])).toBe(bytes)
  })
})

describe('token prefixes', () => {
  it.each([
    ['glpat-abc_DEF.12=-x y', 'glpat-[MASKED] y'],
    ['glptt-0123456789abcdef\n', 'glptt-[MASKED]\n'],
    ['glrt-x', 'glrt-[MASKED]'],
    ['glcbt-64_x/', 'glcbt-[MASKED]/'],
    ['glpat-', 'glpat-[MASKED]'],
    ['glpat- x', 'glpat-[MASKED] x'],
    ['glpat', 'glpat'],
    ['_gitlab_session=12;', '_gitlab_session=[MASKED];'],
  ])('%j becomes %j', (text, shown) => {
    expect(mask(needlesOf([]), [text])).toBe(shown)
    expect(mask(needlesOf([]), text.split(''))).toBe(shown)
  })

  it('a masked token is masked whole', () =>
    expect(mask(needlesOf(['glpat-abcdefgh']), ['-glpat-abcdefgh-x. y'])).toBe('-[MASKED] y'))
})

describe('parameters of a URL', () => {
  it.each([
    ['GET /a?private_token=abc%20/x&b=1 HTTP', 'GET /a?private_token=[MASKED]&b=1 HTTP'],
    ['?x=1&Authenticity_TOKEN=ab?rss_token=cd\n', '?x=1&Authenticity_TOKEN=[MASKED]?rss_token=[MASKED]\n'],
    [
      '?X-Amz-Signature=0f0f&X-Amz-Credential=a/b&X-Amz-Security-Token=c',
      '?X-Amz-Signature=[MASKED]&X-Amz-Credential=[MASKED]&X-Amz-Security-Token=[MASKED]',
    ],
    ['private_token=abc', 'private_token=abc'],
    ['?private_token =abc', '?private_token =abc'],
    ['?private_token=glpat-abc/d e', '?private_token=[MASKED] e'],
    ['?private_token=', '?private_token=[MASKED]'],
  ])('%j becomes %j', (text, shown) => {
    expect(mask(needlesOf([]), [text])).toBe(shown)
    expect(mask(needlesOf([]), text.split(''))).toBe(shown)
  })
})

/** Every place counts, overlapping ones are one mask: the rule, spelt out. */
function oracle(needles: Needles, text: string): string {
  const masks: [number, number][] = []
  for (const secret of needles.secrets.map(String)) {
    for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1))
      masks.push([at, at + secret.length])
  }
  for (const prefix of needles.prefixes.map(String)) {
    for (let at = text.indexOf(prefix); at !== -1; at = text.indexOf(prefix, at + 1)) {
      const from = at + prefix.length
      masks.push([from, from + (/^[A-Za-z0-9_.=-]*/.exec(text.slice(from))?.[0].length ?? 0)])
    }
  }
  for (const name of needles.parameters.map(String)) {
    const small = text.toLowerCase()
    for (let at = small.indexOf(name); at !== -1; at = small.indexOf(name, at + 1)) {
      const from = at + name.length
      masks.push([from, from + (/^[^?&\x00-\x20\x7f]*/.exec(text.slice(from))?.[0].length ?? 0)])
    }
  }
  masks.sort((a, b) => a[0] - b[0] || b[1] - a[1])
  let shown = ''
  let end = 0
  for (const [from, to] of masks) {
    if (from >= end) shown += `${text.slice(end, from)}[MASKED]`
    end = Math.max(end, to)
  }
  return shown + text.slice(end)
}

describe('any cutting into pieces shows the same as the rule', () => {
  const letters = fc.constantFrom('a', 'b')
  const word = (min: number, max: number) =>
    fc.array(letters, { minLength: min, maxLength: max }).map((all) => all.join(''))
  const pieces = fc.array(word(0, 6), { maxLength: 12 })

  it('two letters, many overlaps', () => {
    fc.assert(
      fc.property(fc.array(word(1, 5), { minLength: 1, maxLength: 4 }), pieces, (secrets, parts) => {
        const needles = {
          secrets: secrets.map((secret) => Buffer.from(secret)),
          prefixes: [],
          parameters: [],
        }
        expect(mask(needles, parts)).toBe(oracle(needles, parts.join('')))
      }),
      { numRuns: 20_000 },
    )
  })

  it('with token prefixes', () => {
    const mixed = fc.array(fc.constantFrom('a', 'b', ' '), { maxLength: 6 }).map((all) => all.join(''))
    fc.assert(
      fc.property(
        fc.array(word(2, 4), { maxLength: 2 }),
        fc.array(word(2, 4), { minLength: 1, maxLength: 2 }),
        fc.array(mixed, { maxLength: 12 }),
        (secrets, prefixes, parts) => {
          const needles = {
            secrets: secrets.map((secret) => Buffer.from(secret)),
            prefixes: prefixes.map((prefix) => Buffer.from(prefix)),
            parameters: [],
          }
          expect(mask(needles, parts)).toBe(oracle(needles, parts.join('')))
        },
      ),
      { numRuns: 20_000 },
    )
  })

  it('with token prefixes and parameters', () => {
    const mixed = fc
      .array(fc.constantFrom('a', 'A', 'b', 'B', '&', '/', ' '), { maxLength: 6 })
      .map((all) => all.join(''))
    const bytes = (words: readonly string[]) => words.map((each) => Buffer.from(each))
    fc.assert(
      fc.property(
        fc.array(word(1, 4), { maxLength: 2 }),
        fc.array(word(2, 4), { maxLength: 2 }),
        fc.array(word(1, 3), { minLength: 1, maxLength: 2 }),
        fc.array(mixed, { maxLength: 12 }),
        (secrets, prefixes, names, parts) => {
          const needles = {
            secrets: bytes(secrets),
            prefixes: bytes(prefixes),
            parameters: bytes(names.map((name) => `&${name}`)),
          }
          expect(mask(needles, parts)).toBe(oracle(needles, parts.join('')))
        },
      ),
      { numRuns: 20_000 },
    )
  })
})
