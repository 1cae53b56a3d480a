import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { YamlNode } from '../../../src/yaml/node.ts'
import { dumpYaml } from '../../../src/yaml/dump/dump.ts'
import { parseYaml } from '../../../src/yaml/parse.ts'
import { askRuby, hasRuby } from '../../oracles/ruby.ts'

const span = { file: 'x', start: 0, end: 0 }

type Value = string | boolean | null | readonly Value[] | { readonly [key: string]: Value }

function nodeOf(value: Value): YamlNode {
  if (Array.isArray(value)) return { kind: 'sequence', items: value.map(nodeOf), span }
  if (value === null || typeof value !== 'object') {
    return { kind: 'scalar', value, text: value === null ? '' : String(value), span }
  }
  const entries = Object.entries(value).map(
    ([key, member]) =>
      [key, { key: { kind: 'scalar', value: key, text: key, span }, value: nodeOf(member) }] as const,
  )
  return { kind: 'mapping', entries: new Map(entries), span }
}

function reprinted(text: string): string {
  const parsed = parseYaml(text, 'x')
  const document = parsed.ok ? parsed.value.documents[0] : undefined
  if (document === undefined) throw new Error('not YAML')
  return dumpYaml(document)
}

describe('what Ruby 3.1 prints', () => {
  // Each text was printed by `YAML.load(text).to_yaml`.
  it.each<[string, string, string]>([
    ['a plain job', 'test_job:\n  script: echo 1', '---\ntest_job:\n  script: echo 1\n'],
    [
      'a hidden job',
      '.job:\n  script: [\'echo "A hidden job"\']',
      '---\n".job":\n  script:\n  - echo "A hidden job"\n',
    ],
    ['variables', 'a: $X\nb: "$X == \\"y\\""', '---\na: "$X"\nb: $X == "y"\n'],
    [
      'texts that are something else',
      "a: 'yes'\nb: '1.10'\nc: ''\nd: 'y'\ne: '08'",
      "---\na: 'yes'\nb: '1.10'\nc: ''\nd: \"y\"\ne: '08'\n",
    ],
    ['null, boolean, numbers', 'a:\nb: yes\nc: 010\nd: 1.50', '---\na:\nb: true\nc: 8\nd: 1.5\n'],
    ['empty collections', 'a: []\nb: {}\nc: [[], {}]', '---\na: []\nb: {}\nc:\n- []\n- {}\n'],
    [
      'lists in lists',
      'a: [x, [y, [z]], {k: 1, l: [2]}]',
      '---\na:\n- x\n- - "y"\n  - - z\n- k: 1\n  l:\n  - 2\n',
    ],
    [
      'block scalars',
      'a: |\n  one\n  two\nb: |-\n  one\n  two',
      '---\na: |\n  one\n  two\nb: |-\n  one\n  two\n',
    ],
    ['one line with its end', 'a: "x\\n"', "---\na: 'x\n\n  '\n"],
    ['what needs quotes', "a: 'b: c'\nd: '# e'\nf: '- g'", '---\na: \'b: c\'\nd: "# e"\nf: "- g"\n'],
    [
      'a long line',
      `a: ${'x'.repeat(90)} ${'y'.repeat(20)}`,
      `---\na: ${'x'.repeat(90)}\n  ${'y'.repeat(20)}\n`,
    ],
    ['a tab and an emoji', 'a: "b\\tc"\nd: 😀', '---\na: "b\\tc"\nd: "\\U0001F600"\n'],
  ])('%s', (_, text, printed) => {
    expect(reprinted(text)).toBe(printed)
  })
})

it('writes comments behind keys, and never inside a value', () => {
  const parsed = parseYaml('a: |\n  x\n  y\nb: [1]\nc: {}\nd: e', 'x')
  const document = parsed.ok ? parsed.value.documents[0] : undefined
  expect(document && dumpYaml(document, { comment: ({ key }) => `from ${key.text}` })).toBe(
    '---\na: | # from a\n  x\n  y\nb: # from b\n- 1\nc: {} # from c\nd: e # from d\n',
  )
})

const PIECES = [
  'a',
  'yes',
  'n',
  '08',
  '1.5',
  '- ',
  ': ',
  ' #',
  '"',
  "'",
  '\n',
  ' ',
  '  ',
  'é',
  '😀',
  '\t',
  '$CI',
  'word',
  '{',
  '[',
  '*',
  '&',
  '!',
  '|',
  '>',
  '%',
  '@',
  '`',
  'null',
  '12:30',
  ':sym',
  '.a',
  '---',
  '=',
  '<<',
  '\\',
  '\u00a0',
  '\ufeff',
]
const piece = fc.constantFrom(...PIECES)
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    fc.constantFrom(true, false, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      text.map((key) => `k${key}`),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
}))

it.each([
  [['x\ny\n\n'], '---\n- |+\n  x\n  y\n\n...\n'],
  [['x\ny\n\n', 'b'], '---\n- |+\n  x\n  y\n\n- b\n...\n'],
  [['x\ny\n\n', 'p\nq'], '---\n- |+\n  x\n  y\n\n- |-\n  p\n  q\n'],
])('a literal that keeps its line feeds leaves the end open: %j', (list, printed) => {
  expect(dumpYaml(nodeOf(list))).toBe(printed)
})

it.runIf(hasRuby('yaml'))('agrees with Ruby about any value', () => {
  const values = fc.sample(value, 3000)
  const printed = askRuby('yaml-dump.rb', values)
  expect(values.map((one) => dumpYaml(nodeOf(one)))).toEqual(printed)
})
