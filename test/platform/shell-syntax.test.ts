import { expect, it } from 'vitest'
import { unmatchedQuote } from '../../src/platform/shell-syntax.ts'

it.each([
  ["echo it's", "'"],
  ['echo "open', '"'],
  ['echo `date', '`'],
  ['echo "it\'s fine"', undefined],
  ["cat <<EOF\ndon't\nEOF", undefined],
  ["echo $'it\\'s'", undefined],
  // Wrong in another way, which is not asked here.
  ['if true; then', undefined],
  ['', undefined],
])('%j', (script, quote) => {
  expect(unmatchedQuote(script)).toBe(quote)
})
