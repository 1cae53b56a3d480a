import { expect, it } from 'vitest'
import { parseGoDuration } from '../../src/shared/go-duration.ts'

it.each([
  ['40s', 40],
  ['1h20m', 4_800],
  ['4h30m30s', 16_230],
  ['1.5s', 1.5],
  ['.5m', 30],
  ['100ms', 0.1],
  ['-40s', -40],
  ['+2h', 7_200],
  ['0', 0],
  ['1200', undefined],
  ['', undefined],
  ['1 h', undefined],
  ['2 hours', undefined],
  ['1d', undefined],
  ['s', undefined],
  ['.s', undefined],
  ['9999999h', undefined],
])('%j is %s seconds', (text, seconds) => expect(parseGoDuration(text)).toBe(seconds))
