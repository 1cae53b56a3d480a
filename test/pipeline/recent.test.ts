import { expect, it } from 'vitest'
import { recent } from '../../src/pipeline/recent.ts'

const kept = (values: ReturnType<typeof recent<number>>): number[] =>
  [1, 2, 3, 4, 5].filter((id) => values.get(id) !== undefined)

it('drops what was not used for the longest time, until the rest is light enough', () => {
  const values = recent<number>((weight) => weight, { weight: 10, atLeast: 1 })
  for (const id of [1, 2, 3, 4]) values.use(id, 4)
  values.use(1, 4)
  values.shrink()
  expect(kept(values)).toEqual([1, 4])
})

it('keeps the last few, however heavy', () => {
  const values = recent<number>((weight) => weight, { weight: 10, atLeast: 2 })
  for (const id of [1, 2, 3]) values.use(id, 100)
  values.shrink()
  expect(kept(values)).toEqual([2, 3])
})

it('what is dropped or replaced weighs nothing any more', () => {
  const values = recent<number>((weight) => weight, { weight: 10, atLeast: 0 })
  values.use(1, 9)
  values.use(1, 4)
  values.use(2, 6)
  values.shrink()
  expect(kept(values)).toEqual([1, 2])
  values.drop(2)
  values.drop(2)
  values.use(3, 6)
  values.shrink()
  expect(kept(values)).toEqual([1, 3])
})
