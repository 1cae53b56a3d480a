import { expect, it } from 'vitest'
import { agoText } from '../../src/cli/ago.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')

it.each([
  ['2026-11-22T11:59:30.000Z', 'just now'],
  ['2026-11-22T12:00:05.000Z', 'just now'],
  ['2026-11-22T11:55:00.000Z', '5m ago'],
  ['2026-11-22T09:00:00.000Z', '3h ago'],
  ['2026-11-20T12:00:01.000Z', '47h ago'],
  ['2026-11-10T12:00:00.000Z', '12d ago'],
  ['', ''],
])('%s is %s', (iso, text) => {
  expect(agoText(iso, NOW)).toBe(text)
})
