import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askRuby, hasRuby } from '../oracles/ruby.ts'
import { parseYaml } from '../../src/yaml/parse.ts'
import { ourAnswer, recordedRows } from './support/recorded.ts'
import { block } from './support/yaml-text.ts'

const PIECES = [
  ...'\n,\t,:,-,[,],{,},",\',#,|,>,@,%,\\,~,x,\0,\u2028,🎉,\ud800,\ufeff'.split(','),
  ...', ,  ,: ,- ,? ,&a ,*a,!t ,<<: *a,\n  ,\n- ,\nk: ,"q",---\n,...\n,\r\n,!t [a'.split(','),
  ',',
]
const pieces = fc.constantFrom(...PIECES)

/** Whether a text has an answer: documents, or an error in the right form and with a place. */
function isAnswered(text: string): boolean {
  const parsed = parseYaml(text, 'a.yml')
  if (parsed.ok) return true
  const { code, location, message } = parsed.error
  const hasForm = code !== 'yaml.syntax' || /^\(<unknown>\): .* at line \d+ column \d+$/.test(message)
  return hasForm && (location?.line ?? 0) > 0
}

describe('any text gets an answer', () => {
  it('strings', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 })
    expect(() => fc.assert(fc.property(text, isAnswered), { numRuns: 2_000 })).not.toThrow()
  })

  it('pieces of YAML', () => {
    const text = fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join(''))
    expect(() => fc.assert(fc.property(text, isAnswered), { numRuns: 5_000 })).not.toThrow()
  })

  it('valid files with one change', () => {
    const text = fc.tuple(block(0), fc.nat(), fc.nat({ max: 3 }), pieces).map(([lines, at, cut, piece]) => {
      const whole = lines.join('\n')
      const place = at % (whole.length + 1)
      return whole.slice(0, place) + piece + whole.slice(place + cut)
    })
    expect(() => fc.assert(fc.property(text, isAnswered), { numRuns: 1_000 })).not.toThrow()
  })

  it('every beginning of a recorded text', () => {
    const beginnings = recordedRows('documents').flatMap(({ yaml }) =>
      Array.from({ length: Math.min(yaml.length, 200) }, (_, end) => yaml.slice(0, end)),
    )
    expect(beginnings.filter((text) => !isAnswered(text))).toEqual([])
  })
})

describe('trees', () => {
  it.runIf(hasRuby('yaml'))("are Ruby's for generated files", () => {
    const texts = fc.sample(block(0), { numRuns: 300, seed: 1 }).map((lines) => lines.join('\n'))
    expect(texts.map(ourAnswer)).toEqual(askRuby('psych.rb', texts))
  })
})
