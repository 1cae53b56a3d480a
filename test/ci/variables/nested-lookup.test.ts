import { expect, it } from 'vitest'
import { nestedLookup } from '../../../src/ci/variables/nested-lookup.ts'

const of = (values: Readonly<Record<string, string>>) => nestedLookup((name) => values[name])

it.each([
  ['a value', { A: 'x' }, 'x'],
  ['one level', { A: '$B', B: 'x' }, 'x'],
  ['all ways to write it', { A: '$B ${B} %B%', B: 'x' }, 'x x x'],
  ['any depth', { A: '$B/a', B: '${C}/b', C: 'c' }, 'c/b/a'],
  ['what is undefined', { A: '<$NOWHERE>' }, '<>'],
  ['escapes', { A: '$$B %%B', B: 'x' }, '$$B %%B'],
  ['a circle', { A: '$B', B: '$A' }, '$B'],
  ['itself', { A: '$A' }, '$A'],
])('%s', (_, values, expected) => {
  expect(of(values)('A')).toBe(expected)
})

it('knows no other names', () => {
  expect(of({ A: 'x' })('B')).toBeUndefined()
})

it('leaves what would fill the memory', () => {
  const values: Record<string, string> = { V0: 'x'.repeat(100) }
  for (let index = 1; index < 60; index++) values[`V${index}`] = `$V${index - 1}`.repeat(20)
  expect(of(values)('V59')?.length).toBeLessThan(1 << 20)
})

it('follows a long chain without an end', () => {
  const values: Record<string, string> = {}
  for (let index = 0; index < 50_000; index++) values[`V${index}`] = `$V${index + 1}`
  expect(of(values)('V0')).toMatch(/^\$V\d+$/)
})
