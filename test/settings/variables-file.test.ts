import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readVariablesFile } from '../../src/settings/variables-file.ts'

let folder = ''
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'sluice-variables-'))))
afterAll(() => rmSync(folder, { recursive: true }))

function read(text: string): ReturnType<typeof readVariablesFile> {
  const file = join(folder, 'variables.yaml')
  writeFileSync(file, text)
  return readVariablesFile(file)
}

const PLAIN = {
  file: false,
  raw: false,
  masked: false,
  protected: false,
  environmentScope: '*',
  origin: 'project',
}

describe('--variables-file', () => {
  it.each([
    ['text', 'A: b', [{ ...PLAIN, key: 'A', value: 'b' }]],
    [
      'in the order written',
      'B: 1\n10: x\nA: 2',
      ['B', '10', 'A'].map((key, i) => ({ ...PLAIN, key, value: ['1', 'x', '2'][i] })),
    ],
    [
      'as Ruby writes numbers and booleans',
      'A: yes\nB: 3.0\nC: ~',
      [
        { ...PLAIN, key: 'A', value: 'true' },
        { ...PLAIN, key: 'B', value: '3.0' },
        { ...PLAIN, key: 'C', value: '' },
      ],
    ],
    ['lines', 'A: |\n  one\n  two\n', [{ ...PLAIN, key: 'A', value: 'one\ntwo\n' }]],
    [
      'details',
      'A: {value: x, type: file, raw: true, environment_scope: prod}',
      [{ ...PLAIN, key: 'A', value: 'x', file: true, raw: true, environmentScope: 'prod' }],
    ],
    [
      'a masked value',
      'A: {value: "12345678", masked: true}',
      [{ ...PLAIN, key: 'A', value: '12345678', masked: true }],
    ],
    [
      'JSON',
      '{\n\t"A": "b",\n\t"C": {"value": "d", "masked": false}\n}',
      [
        { ...PLAIN, key: 'A', value: 'b' },
        { ...PLAIN, key: 'C', value: 'd' },
      ],
    ],
    ['nothing', '', []],
  ])('%s', (_, text, variables) => {
    expect(read(text)).toEqual({ ok: true, value: variables })
  })

  it.each([
    ['A-B: x', '1:1 config.invalid_variable_name "A-B" cannot be the name of a variable'],
    ['"": x', '1:1 config.invalid_variable_name "" cannot be the name of a variable'],
    ['A: [x]', '1:4 config.wrong_type A must be text or a mapping with "value", not a list'],
    ['A: {masked: true}', '1:4 config.missing_key A has no "value"'],
    ['A: {value: x, mask: true}', '1:15 config.unknown_key unknown key "mask" in A'],
    ['A: {value: {b: c}}', '1:12 config.wrong_type A.value must be text, not a mapping'],
    [
      'A: {value: x, type: env}',
      '1:21 config.invalid_value A.type is "env"; it must be one of env_var, file',
    ],
    ['A: {value: x, raw: 1}', '1:20 config.wrong_type A.raw must be true or false, not 1 (a number)'],
    [
      'TOKEN: {value: short, masked: true}',
      '1:16 config.cannot_mask value of TOKEN has 5 characters; masking needs 8 characters or more and no line break',
    ],
    [
      'TOKEN: {value: x, masked: true}',
      '1:16 config.cannot_mask value of TOKEN has 1 character; masking needs 8 characters or more and no line break',
    ],
    [
      'TOKEN: {value: "long enough\\nbut two lines", masked: true}',
      '1:16 config.cannot_mask value of TOKEN has a line break; masking needs 8 characters or more and no line break',
    ],
    ['A: 1\nA: 2', '2:1 yaml.duplicate_key duplicate key "A": the last one wins'],
    ['just text', '1:1 config.wrong_type the file must be a mapping of keys to values'],
    [
      'A: "x',
      '1:4 yaml.syntax (<unknown>): found unexpected end of stream while scanning a quoted scalar at line 1 column 4',
    ],
  ])('refuses %j', (text, expected) => {
    const result = read(text)
    const [first] = result.ok ? [] : result.error.diagnostics
    expect(`${first?.location?.line}:${first?.location?.column} ${first?.code} ${first?.message}`).toBe(
      expected,
    )
  })
})
