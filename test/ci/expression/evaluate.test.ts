import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate, type Surroundings } from '../../../src/ci/expression/evaluate.ts'
import { parseExpression } from '../../../src/ci/expression/parser.ts'

const variables = new Map([
  ['CI_COMMIT_BRANCH', 'feature/x'],
  ['CI_DEFAULT_BRANCH', 'main'],
  ['EMPTY', ''],
  ['BLANK', ' \u00a0'],
  ['SECRET', 'hunter22'],
  ['LONG', 'x'.repeat(500)],
  ['LINES', 'a\n"b"'],
])

function evaluated(text: string, surroundings?: Surroundings): { truthy: boolean; detail: string } {
  const parsed = parseExpression(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  return evaluate(parsed.value, variables, surroundings)
}

describe('the detail shows what decided', () => {
  it.each([
    ['$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH', false, '"feature/x" == "main"'],
    ['$CI_COMMIT_TAG', false, 'CI_COMMIT_TAG is not set'],
    ['$CI_COMMIT_BRANCH', true, 'CI_COMMIT_BRANCH is "feature/x"'],
    ['$EMPTY', false, 'EMPTY is empty'],
    ['$BLANK', false, 'BLANK is empty'],
    ['!$CI_COMMIT_TAG', true, 'CI_COMMIT_TAG is not set'],
    ['$CI_COMMIT_TAG == "v1"', false, 'null == "v1" (CI_COMMIT_TAG is not set)'],
    ['$CI_COMMIT_TAG != null', false, 'null != null (CI_COMMIT_TAG is not set)'],
    ['$CI_COMMIT_BRANCH =~ /^feature\\//i', true, '"feature/x" =~ /^feature\\//i'],
    [
      '$CI_COMMIT_TAG || $CI_COMMIT_BRANCH == "main"',
      false,
      'CI_COMMIT_TAG is not set || "feature/x" == "main"',
    ],
    ['$CI_COMMIT_TAG || $CI_COMMIT_BRANCH', true, 'CI_COMMIT_BRANCH is "feature/x"'],
    ['$CI_COMMIT_TAG && $CI_COMMIT_BRANCH == "main"', false, 'CI_COMMIT_TAG is not set'],
    ['$CI_COMMIT_BRANCH && $EMPTY', false, 'EMPTY is empty'],
    ['$EMPTY || $CI_COMMIT_BRANCH', false, 'EMPTY is empty'],
    [
      '$CI_COMMIT_BRANCH == "feature/x" && $CI_DEFAULT_BRANCH == "main"',
      true,
      '"feature/x" == "feature/x" && "main" == "main"',
    ],
    ['!($CI_COMMIT_BRANCH == "main")', true, '!("feature/x" == "main")'],
    ['($CI_COMMIT_BRANCH == "x") == true', false, 'false == true'],
    ['$LINES == "x"', false, '"a\\n\\"b\\"" == "x"'],
    ['$LONG == "x"', false, `"${'x'.repeat(79)}…" == "x"`],
    ['"text"', true, '"text"'],
    ['null', false, 'null'],
  ])('%s', (text, truthy, detail) => {
    expect(evaluated(text)).toEqual({ truthy, detail })
  })

  it('without the values of masked variables', () => {
    const masked = new Set(['SECRET'])
    expect(evaluated('$SECRET', { masked }).detail).toBe('SECRET is [MASKED]')
    expect(evaluated('$SECRET == "x"', { masked }).detail).toBe('[MASKED] == "x"')
    expect(evaluated('($SECRET && $SECRET) == "x"', { masked }).detail).toBe('[MASKED] == "x"')
    expect(evaluated('!$SECRET == "x"', { masked }).detail).toBe('false == "x"')
  })
})

describe('rarer values', () => {
  it.each([
    ['$EMPTY =~ ""', true], // Ruby: "".scan("") finds one
    ['/ab/', true],
    ['/ab/ == /ab/', true],
    ['/ab/ == /ab/i', false],
    ['/ab/ == "ab"', false],
    ['$CI_COMMIT_BRANCH =~ true', false],
    ['$CI_COMMIT_BRANCH !~ true', true],
    ['true =~ /true/', true],
    ['null !~ null', true],
    ['$[[ inputs.on ]] == true', true],
    ['$[[ inputs.off ]]', false],
  ])('%s is %s', (text, expected) => {
    expect(evaluated(text, { inputs: new Map([['on', true]]) }).truthy).toBe(expected)
  })
})

it('evaluation never throws', () => {
  const word = fc.constantFrom(
    '$A',
    '$B',
    '$U',
    '"x"',
    '""',
    'null',
    'true',
    'false',
    '/ab/',
    '/a|b/i',
    "'/a/'",
    '!$A',
    '($A)',
  )
  const operator = fc.constantFrom('==', '!=', '=~', '!~', '&&', '||')
  const text = fc
    .tuple(
      word,
      fc.array(
        fc.tuple(operator, word).map((pair) => pair.join(' ')),
        { maxLength: 8 },
      ),
    )
    .map(([first, rest]) => [first, ...rest].join(' '))
  const content = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('/(/', '/a/', '/a\\/b/i', '//', '/', '\ud800'),
  )
  fc.assert(
    fc.property(text, content, content, (source, a, b) => {
      const parsed = parseExpression(source)
      if (!parsed.ok) throw new Error(`${source}: ${parsed.error.message}`)
      expect(
        evaluate(
          parsed.value,
          new Map([
            ['A', a],
            ['B', b],
          ]),
        ),
      ).toEqual({ truthy: expect.any(Boolean), detail: expect.any(String) })
    }),
    { numRuns: 2000 },
  )
})
