import { describe, expect, it } from 'vitest'
import { timestampStrip } from '../../../src/http/web/trace-timestamps.ts'

const AT = '2026-01-31T12:00:00.123000Z'

function strip(pieces: readonly string[]): string {
  const stripping = timestampStrip()
  return pieces.map((piece) => stripping.push(piece)).join('') + stripping.end()
}

describe('a log with timestamps shows without them', () => {
  it.each([
    ['lines', `${AT} 00O one\n${AT} 01O two\n`, 'one\ntwo\n'],
    ['no last newline', `${AT} 00O one\n${AT} 01O two`, 'one\ntwo'],
    ['a line that goes on', `${AT} 01O one\n${AT} 01O+ two\n${AT} 01E three\n`, 'one two\nthree\n'],
    ['an empty line', `${AT} 01O \n${AT} 01O x\n`, '\nx\n'],
    ['a line without a header', `${AT} 01O a\nb\n`, 'a\nb\n'],
    ['none at all', `one\n${AT} 01O two\n`, `one\n${AT} 01O two\n`],
    ['a short log', 'one', 'one'],
    ['an empty log', '', ''],
  ])('%s', (_, log, shown) => {
    expect(strip([log])).toBe(shown)
    expect(strip(log.split(''))).toBe(shown)
    expect(strip(log.match(/[^]{1,7}/g) ?? [])).toBe(shown)
  })
})
