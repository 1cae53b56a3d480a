import { expect, it } from 'vitest'
import { randomToken } from '../../src/platform/random.ts'

it('gives the prefix and base64url, another one each time', () => {
  const token = randomToken('glptt-', 20)
  // 20 bytes are 27 characters of base64url without padding.
  expect(token).toMatch(/^glptt-[A-Za-z0-9_-]{27}$/)
  expect(new Set(Array.from({ length: 100 }, () => randomToken('', 16))).size).toBe(100)
})
