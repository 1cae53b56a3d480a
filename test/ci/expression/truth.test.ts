import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../src/ci/expression/evaluate.ts'
import { parseExpression } from '../../../src/ci/expression/parser.ts'
import { readRows } from '../../oracles/table.ts'

const rows = readRows('expression-truth.tsv').map(([first = '', second = '', third = '']) => ({
  first,
  second,
  third,
}))
const variables = new Map(
  rows
    .filter(({ first }) => first === 'variable')
    .map(({ second, third }) => [second, String(JSON.parse(third))]),
)

function result(text: string): string {
  const parsed = parseExpression(text)
  return parsed.ok ? String(evaluate(parsed.value, variables).truthy) : 'invalid'
}

describe('the truth table', () => {
  const cases = rows
    .filter(({ first }) => first !== 'variable')
    .map(({ first, second, third }) => [first, second, third] as const)

  it('has all its 87 rows', () => {
    expect(new Set(cases.map(([row]) => Number(row)))).toEqual(
      new Set(Array.from({ length: 87 }, (_, index) => index + 1)),
    )
  })

  it.each(cases)('row %s: %s is %s', (_, text, expected) => {
    expect(result(text)).toBe(expected)
  })
})
