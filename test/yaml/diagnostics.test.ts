import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../src/shared/diagnostic.ts'
import { renderDiagnostic } from '../../src/shared/source-text.ts'
import { parseYaml } from '../../src/yaml/parse.ts'

function errorOf(text: string): Diagnostic {
  const parsed = parseYaml(text, '.gitlab-ci.yml')
  if (parsed.ok) throw new Error('parsed')
  return parsed.error
}

function warningsOf(text: string): readonly Diagnostic[] {
  const parsed = parseYaml(text, '.gitlab-ci.yml')
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value.warnings
}

function place({ location }: Diagnostic): string {
  return `${location?.line}:${location?.column}`
}

describe('a syntax error points at the mistake and says how to mend it', () => {
  it.each([
    [
      'a: b: c',
      '1:5',
      'a second ": " in one value, or a line indented too far; quote the value or move the line',
    ],
    ['a:\n\tb: c', '2:1', 'YAML indents with spaces, not with tabs'],
    ['a: @b', '1:4', 'a value cannot begin with "@"; put the value in quotes'],
    ['a:\n  b: 1\n c: 2', '3:2', 'this does not line up with the keys of the mapping that begins in line 1'],
    [
      '- a\n- b\nc: 1',
      '3:1',
      'this does not line up with the "- " entries of the list that begins in line 1',
    ],
    ['a: "b\nc: d', '1:4', 'this quote is never closed'],
    [
      'a: {b: $[[ inputs.b ]]}',
      '1:9',
      'put "$[[ … ]]" in quotes: inside of { } and [ ] the brackets are YAML',
    ],
    [
      'a: 1\nb\nc: 2',
      '2:1',
      'a key needs ": " behind it; text that belongs to the line above must be indented',
    ],
    ['a: [1, 2', '1:9', 'a comma or the closing "]" is missing'],
    ['a: - b', '1:4', 'a list begins on a line of its own below its key'],
    ['a: "\\d"', '1:5', 'in double quotes a backslash is written "\\\\"; single quotes need no escaping'],
    ['a: |x\n  b', '1:5', 'text begins in the line below "|" or ">"'],
    ['a: b\u0001', '1:5', 'this character is invisible; delete it or write it as an escape in double quotes'],
  ])('%j', (text, where, help) => {
    const error = errorOf(text)
    expect([error.code, place(error), error.help]).toEqual(['yaml.syntax', where, help])
  })

  it('names the place that the sentence means when the mistake is elsewhere', () => {
    expect(errorOf('a:\n  b: 1\n c: 2').related).toEqual([
      {
        message: 'the mapping begins here',
        location: { file: '.gitlab-ci.yml', line: 1, column: 1, endLine: 1, endColumn: 2 },
      },
    ])
  })

  it('reads well with its code frame', () => {
    const text = 'test:\n  script: echo a: b\n'
    expect(renderDiagnostic(errorOf(text), new Map([['.gitlab-ci.yml', text]]))).toBe(
      [
        '.gitlab-ci.yml:2:17  error  yaml.syntax',
        '  (<unknown>): mapping values are not allowed in this context at line 2 column 17',
        '   1 │ test:',
        ' ▸ 2 │   script: echo a: b',
        '     │                 ~ a second ": " in one value, or a line indented too far; quote the value or move the line',
      ].join('\n'),
    )
  })

  it('counts lines in the file, also behind a divider', () => {
    expect(errorOf('# x\n---\na: b: c').message).toBe(
      '(<unknown>): mapping values are not allowed in this context at line 3 column 5',
    )
  })

  it('counts columns in characters, as libyaml does', () => {
    expect(errorOf('"🎉": b: c').message).toMatch(/at line 1 column 7$/)
  })
})

describe('what Psych refuses to load', () => {
  it.each([
    ['a: 1\nb: *nope', 'yaml.unknown_alias', 'Unknown alias: nope', '2:4'],
    ['a: 2020-01-01', 'yaml.class_refused', 'Tried to load unspecified class: Date', '1:4'],
    ['a: 2020-01-01 10:00:00', 'yaml.class_refused', 'Tried to load unspecified class: Time', '1:4'],
    ['a: !ruby/object:Foo {b: c}', 'yaml.class_refused', 'Tried to load unspecified class: Foo', '1:21'],
    ['a: 0b_', 'yaml.class_refused', 'Invalid YAML syntax', '1:4'],
    ['a: &a [*a]', 'yaml.too_big', 'The parsed YAML is too big', '1:8'],
    ['a: !reference b', 'yaml.reference_invalid', '!reference "b" is not valid', '1:15'],
    ['a: !reference [b, 1]', 'yaml.reference_invalid', '!reference ["b", 1] is not valid', '1:15'],
    ['a: !reference []', 'yaml.reference_invalid', '!reference [] is not valid', '1:15'],
    ['a: !reference [[b]]', 'yaml.reference_invalid', '!reference [["b"]] is not valid', '1:15'],
    ['a: !reference {b: c}', 'yaml.reference_invalid', '!reference {"b"=>"c"} is not valid', '1:15'],
  ])('%j', (text, code, message, where) => {
    const error = errorOf(text)
    expect([error.code, error.message, place(error)]).toEqual([code, message, where])
  })

  it('is said only when the syntax is sound, as Psych loads what it has parsed', () => {
    expect(errorOf('a: *nope\nb: c: d').code).toBe('yaml.syntax')
  })

  it('is the first of several', () => {
    expect(errorOf('a: 2020-01-01\nb: *nope').message).toBe('Tried to load unspecified class: Date')
  })
})

describe('warnings', () => {
  it('a duplicate key names both places', () => {
    expect(warningsOf('test:\n  script: a\n  stage: b\n  script: c\n')).toEqual([
      {
        severity: 'warning',
        code: 'yaml.duplicate_key',
        message: 'duplicate key "script": the last one wins',
        location: { file: '.gitlab-ci.yml', line: 4, column: 3, endLine: 4, endColumn: 9 },
        help: 'what line 2 says is ignored',
        related: [
          {
            message: 'first written here',
            location: { file: '.gitlab-ci.yml', line: 2, column: 3, endLine: 2, endColumn: 9 },
          },
        ],
      },
    ])
  })

  it.each([
    ['a merge key overridden by what follows', '.a: &a {k: 1}\nb:\n  <<: *a\n  k: 2\n', []],
    ['a merge key that overrides', '.a: &a {k: 1}\nb:\n  k: 2\n  <<: *a\n', []],
    ['two merge keys', '.a: &a {k: 1}\nb:\n  <<: *a\n  <<: *a\n', []],
    ['a key written twice behind a merge', '.a: &a {k: 1}\nb:\n  <<: *a\n  k: 2\n  k: 3\n', ['5:3']],
    ['in a flow mapping', 'a: {k: 1, k: 2}', ['1:11']],
    ['in several mappings', 'a: {k: 1, k: 2}\na: 1', ['1:11', '2:1']],
    ['in both documents', 'spec:\nspec:\n---\na:\na:\n', ['2:1', '5:1']],
    ['in rare syntax', '? a\n: 1\na: 2', ['3:1']],
  ])('duplicates: %s', (_, text, places) => {
    expect(warningsOf(text).map(place)).toEqual(places)
  })

  it.each([
    ['a first key further right than the others', '  a: 1\nb: 2\n', '2:1'],
    ['a closed document', 'a: 1\n...\nb: 2\n', '3:1'],
  ])('text that GitLab ignores: %s', (_, text, where) => {
    expect(warningsOf(text).map((warning) => [warning.code, place(warning)])).toEqual([
      ['yaml.ignored_text', where],
    ])
  })

  it.each(['a: 1\n...\n', 'a: 1\n...\n# x\n', 'a: 1\n---\nb: 1\n'])('nothing ignored in %j', (text) => {
    expect(warningsOf(text)).toEqual([])
  })
})

describe('documents', () => {
  it.each([
    ['', 0],
    ['# only a comment\n', 0],
    ['---\n', 0],
    ['\ufeff', 0],
    ['a: 1', 1],
    ['---\na: 1', 1],
    ['# x\n---\na: 1', 1],
    ['%YAML 1.1\n---\na: 1', 1],
    ['spec: {}\n---\na: 1', 2],
    ['---\nspec: {}\n---\na: 1\n', 2],
    ['--- # header\nspec: {}\n---\t\na: 1\n', 2],
    ['a: |\n  x\n  ---\n  y\n', 1],
    ['---a: 1', 1],
  ])('%j has %i', (text, count) => {
    const parsed = parseYaml(text, 'a.yml')
    expect(parsed.ok && parsed.value.documents.length).toBe(count)
  })

  it('keeps anchors inside a document', () => {
    expect(errorOf('a: &x 1\n---\nb: *x').message).toBe('Unknown alias: x')
  })
})
