import { expect, it } from 'vitest'
import { sanitized } from '../../src/http/sanitized.ts'

it.each([
  ['jobs:a config contains unknown keys: x', 'jobs:a config contains unknown keys: x'],
  ['\'a\' job needs "x"', '\'a\' job needs "x"'],
  ['(<unknown>): did not find expected key', '(): did not find expected key'],
  ['<b>bold</b> <img src="x" onerror="y"> text', 'bold  text'],
  ['a & b', 'a &amp; b'],
  ['a &amp; b &#39; c', 'a &amp; b &#39; c'],
  ['1 < 2 > 0', '1 &lt; 2 &gt; 0'],
  ['a <!-- b --> c', 'a  c'],
  ['<<nested>', '&lt;'],
])('%s', (text, shown) => {
  expect(sanitized(text)).toBe(shown)
})
