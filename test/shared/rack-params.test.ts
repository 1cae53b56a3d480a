import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assignRackParam,
  MAX_QUERY_PARAMS,
  parseRackQuery,
  type Params,
  type ParamValue,
} from '../../src/shared/rack-params.ts'
import { askRuby, hasRuby } from '../oracles/ruby.ts'
import { readJsonTable } from '../oracles/table.ts'

const recorded = readJsonTable('rack-params.json') as [string, unknown][]

/** Objects as lists of pairs, so that their order shows. */
function shape(value: ParamValue): unknown {
  if (value instanceof Map) return { pairs: Array.from(value, ([key, inner]) => [key, shape(inner)]) }
  return Array.isArray(value) ? value.map(shape) : value
}

function answer(text: string): unknown {
  const result = parseRackQuery(text)
  return result.ok ? { value: shape(result.value) } : { error: result.error }
}

describe('query strings', () => {
  it.each(recorded)('%j is read as Rack reads it', (text, expected) => {
    expect(answer(text)).toEqual(expected)
  })

  const live = hasRuby('rack')

  it.runIf(live)(
    'the recorded answers are those of the Rack on this machine',
    () => {
      expect(
        askRuby(
          'rack-params.rb',
          recorded.map(([text]) => text),
        ),
      ).toEqual(recorded.map(([, expected]) => expected))
    },
    60_000,
  )

  it.runIf(live)(
    'agrees with Rack on random texts',
    () => {
      const piece = fc.constantFrom(
        'a',
        'b',
        'variables',
        '[',
        ']',
        '[]',
        '[a]',
        '[b]',
        '[][a]',
        '=',
        '=1',
        '&',
        ';',
        '%5B',
        '%5D',
        '%41',
        '%',
        '+',
        ' ',
        'é',
        '\n',
        '0',
      )
      const texts = fc.sample(
        fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
        { numRuns: 3000, seed: 1 },
      )
      const answers = askRuby('rack-params.rb', texts) as unknown[]
      expect(texts.map((text) => [text, answer(text)])).toEqual(
        texts.map((text, index) => [text, answers[index]]),
      )
    },
    60_000,
  )

  it('a body is not split at ;', () => {
    expect(parseRackQuery('a=1;b=2&c=3', '&')).toEqual({
      ok: true,
      value: new Map([
        ['a', '1;b=2'],
        ['c', '3'],
      ]),
    })
  })

  it('the number of parameters, of key characters and of bytes is limited', () => {
    expect(parseRackQuery('&'.repeat(MAX_QUERY_PARAMS - 1))).toMatchObject({ ok: true })
    expect(parseRackQuery('&'.repeat(MAX_QUERY_PARAMS))).toEqual({
      ok: false,
      error: 'total number of query parameters (4097) exceeds limit (4096)',
    })
    expect(parseRackQuery(`${'k'.repeat(65_536)}=1`)).toMatchObject({ ok: true })
    expect(parseRackQuery(`${'k'.repeat(65_536)}=1&x=1`)).toEqual({
      ok: false,
      error: 'exceeded available parameter key space',
    })
    expect(parseRackQuery(`a=${'x'.repeat(4_194_303)}`)).toEqual({
      ok: false,
      error: 'total query size exceeds limit (4194304)',
    })
  })
})

describe('names of a form', () => {
  function assign(...pairs: [string, string][]): Params {
    const params: Params = new Map()
    for (const [name, value] of pairs)
      expect(assignRackParam(params, name, value)).toEqual({ ok: true, value: undefined })
    return params
  }

  it('are taken as they are', () => {
    expect(
      assign(['token', 'T%41'], ['variables[A]', 'line\n2'], ['variables[A]', '2'], ['variables[1]', 'x']),
    ).toEqual(
      new Map<string, ParamValue>([
        ['token', 'T%41'],
        [
          'variables',
          new Map([
            ['A', '2'],
            ['1', 'x'],
          ]),
        ],
      ]),
    )
  })

  it('a file is a value that is no text, and no object', () => {
    const params: Params = new Map()
    const file = { kind: 'file', filename: 'f.txt' } as const
    expect(assignRackParam(params, 'variables[A]', file)).toMatchObject({ ok: true })
    expect(params).toEqual(new Map([['variables', new Map([['A', file]])]]))
    expect(assignRackParam(params, 'variables[A][b]', 'x')).toEqual({
      ok: false,
      error: "expected Hash (got Hash) for param `A'",
    })
  })

  it('never throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '[', ']', '[]', '\n') }), { maxLength: 6 }),
        (names) => {
          const params: Params = new Map()
          expect(() => names.forEach((name) => assignRackParam(params, name, 'x'))).not.toThrow()
        },
      ),
    )
  })
})
