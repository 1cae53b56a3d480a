import { describe, expect, it } from 'vitest'
import { parseYaml } from '../../src/yaml/parse.ts'
import { askRuby, hasRuby } from '../oracles/ruby.ts'
import { corpusFiles, corpusFolder } from './support/corpus.ts'
import { ourAnswer } from './support/recorded.ts'

const isThere = corpusFiles.length > 0
const state = isThere ? `${corpusFiles.length} files` : `absent: set SLUICE_CORPUS or make ${corpusFolder}`

describe(`real configurations (${state})`, () => {
  it.runIf(isThere)('all of them parse', () => {
    const refused = corpusFiles.filter(({ name, text }) => !parseYaml(text, name).ok).map(({ name }) => name)
    expect(refused).toEqual([])
  })

  it.runIf(isThere && hasRuby('yaml'))("all of them are Ruby's trees", () => {
    const answers = askRuby(
      'psych.rb',
      corpusFiles.map(({ text }) => text),
    )
    expect(corpusFiles.map(({ text }) => ourAnswer(text))).toEqual(answers)
  })
})
