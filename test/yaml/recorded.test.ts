import { describe, expect, it } from 'vitest'
import { askRuby, hasRuby } from '../oracles/ruby.ts'
import { answerOf, ourAnswer, recordedRows } from './support/recorded.ts'

const FILES = {
  scalars: 'plain scalars, tags on scalars and collections',
  documents: 'collections, folding, anchors, merge keys, what Psych refuses',
  broken: 'syntax errors, to the word and column',
  rare: 'syntax that the general reader reads',
}

describe.each(Object.entries(FILES))('%s: %s', (name) => {
  const rows = recordedRows(name)

  it.each(rows.map((row) => [JSON.stringify(row.yaml).slice(0, 80), row] as const))(
    '%s',
    (_, { yaml, ...answer }) => {
      expect(ourAnswer(yaml)).toEqual(answer)
    },
  )

  it.runIf(hasRuby('yaml'))(`is what this machine's Ruby says`, () => {
    expect(
      askRuby(
        'psych.rb',
        rows.map(({ yaml }) => yaml),
      ),
    ).toEqual(rows.map(answerOf))
  })
})
