import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../src/http/body/json-text.ts'
import { toJson, toPlain } from '../../../src/http/body/request-value.ts'

describe('JSON', () => {
  it.each([
    ['{"b":1,"a":2,"1":3}', '{"b":1,"a":2,"1":3}'],
    ['{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'],
    ['{"__proto__":{"x":1},"constructor":2}', '{"__proto__":{"x":1},"constructor":2}'],
    ['[12345678901234567890,1.0,1e5,-0,0.1]', '[12345678901234567890,1.0,1e5,-0,0.1]'],
    [' [ 1 , "a" , { } , [ ] , null , true , false ] \n', '[1,"a",{},[],null,true,false]'],
    ['"\\u0041\\/\\n\\\\\\""', '"A/\\n\\\\\\""'],
    ['"\\\\"', '"\\\\"'],
    ['"<&>"', '"<&>"'],
  ])('%s', (text, written) => {
    const read = parseJson(text)
    expect(read.ok && toJson(read.value)).toBe(written)
  })

  it.each([
    ['', 0],
    ['{', 1],
    ['{"a"}', 4],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['01', 1],
    ['+1', 0],
    ['.5', 0],
    ['1.', 1],
    ['NaN', 0],
    ['nul', 0],
    ['"a', 0],
    ['"\\x"', 0],
    ['"a\nb"', 0],
    ['{} {}', 3],
    ['\uFEFF{}', 0],
    ["{'a':1}", 1],
  ])('%j is not JSON', (text, at) => {
    expect(parseJson(text)).toEqual({ ok: false, error: { at } })
  })

  it('agrees with JavaScript on every value', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const read = parseJson(text)
        expect(read.ok && toPlain(read.value)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('agrees with JavaScript on what is none', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      '1',
      '-',
      '.',
      'e',
      'true',
      'null',
      ' ',
    )
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }).map((each) => each.join('')),
        (text) => {
          let expected = true
          try {
            JSON.parse(text)
          } catch {
            expected = false
          }
          expect([text, parseJson(text).ok]).toEqual([text, expected])
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('takes 100 levels and no more', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect([parseJson(nested(100)).ok, parseJson(nested(101)).ok]).toEqual([true, false])
  })
})
