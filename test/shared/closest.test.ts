import { expect, it } from 'vitest'
import { closest } from '../../src/shared/closest.ts'

it.each([
  ['scrpt', ['script', 'stage'], 'script'],
  ['SCRIPT', ['script'], 'script'],
  ['biuld', ['build', 'builds'], 'build'],
  ['bb', ['b', 'ccc'], 'b'],
  ['unit-tests', ['unit_test'], 'unit_test'],
  ['deploy', ['destroy'], undefined],
  // Nothing of the word would be left.
  ['A', ['CI', 'B'], undefined],
  ['zz', ['n'], undefined],
  ['', ['a'], undefined],
  ['build', [], undefined],
])('%j among %j: %j', (word, candidates, found) => {
  expect(closest(word, candidates)).toBe(found)
})
