import { expect, it } from 'vitest'
import { elapsedSeconds } from '../../src/shared/elapsed.ts'

it.each<[string, number | null, number | null, number | null]>([
  ['a while', 1000, 3500, 2.5],
  ['no time', 1000, 1000, 0],
  ['a clock that was set back by two minutes', 121_000, 1000, 0],
  ['not begun', null, 1000, null],
  ['not ended', 1000, null, null],
])('%s', (_title, from, to, seconds) => {
  expect(elapsedSeconds(from, to)).toBe(seconds)
})
