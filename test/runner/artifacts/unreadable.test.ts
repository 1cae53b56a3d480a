import { expect, it } from 'vitest'
import { isUnreadable, openingFailed } from '../../../src/runner/artifacts/unreadable.ts'

const failure = (code: string) => Object.assign(new Error(`${code}: x, open '/proc/self/fd/25/s'`), { code })

it('names the path of the job, in the words of Go', () => {
  const error = openingFailed('u/s', failure('EACCES'))
  expect(isUnreadable(error)).toBe(true)
  expect(error).toHaveProperty('message', 'open u/s: permission denied')
})

it('leaves other errors as they are', () => {
  const full = failure('ENOSPC')
  expect(openingFailed('u/s', full)).toBe(full)
  expect(isUnreadable(full)).toBe(false)
})
