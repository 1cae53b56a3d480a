import { expect, it } from 'vitest'
import { exportText } from '../../../src/cli/variable/export-text.ts'

const VARIABLES = [
  { key: 'PLAIN', value: 'abc' },
  { key: 'QUOTED', value: "it's $HOME\nand more" },
]

it.each([
  ['env', "PLAIN=abc\nQUOTED='it'\\''s $HOME\nand more'\n"],
  ['export', "export PLAIN=abc\nexport QUOTED='it'\\''s $HOME\nand more'\n"],
] as const)('%s', (format, text) => {
  expect(exportText(VARIABLES, format)).toBe(text)
})

it('json', () => {
  expect(JSON.parse(exportText(VARIABLES, 'json'))).toEqual({ schema: 1, variables: VARIABLES })
})
