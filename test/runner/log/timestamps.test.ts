import { describe, expect, it } from 'vitest'
import { createStamper, type StampStream } from '../../../src/runner/log/timestamps.ts'

const AT = '2030-01-01T00:00:00.042000Z'

function stamp(...pieces: [string, StampStream][]): string {
  const stamper = createStamper(() => Date.UTC(2030, 0, 1) + 42)
  return pieces.map(([text, stream]) => stamper.stamp(Buffer.from(text), stream).toString()).join('')
}

describe('the header of a line', () => {
  it('has 32 bytes', () => expect(stamp(['', '00O'], ['x', '00O'])).toHaveLength(33))

  it.each<[string, [string, StampStream][], string]>([
    [
      'runner and job',
      [
        ['a\n', '00O'],
        ['b\nc\n', '01O'],
      ],
      `${AT} 00O a\n${AT} 01O b\n${AT} 01O c\n`,
    ],
    [
      'in pieces',
      [
        ['a', '01O'],
        ['b\n', '01O'],
      ],
      `${AT} 01O ab\n`,
    ],
    [
      'the other stream in between',
      [
        ['a', '01O'],
        ['b\n', '00O'],
        ['c\n', '01O'],
      ],
      `${AT} 01O a\n${AT} 00O b\n${AT} 01O+c\n`,
    ],
    [
      'after a write that ends in a carriage return',
      [
        ['1%\r', '01O'],
        ['2%\n', '01O'],
      ],
      `${AT} 01O 1%\r\n${AT} 01O+2%\n`,
    ],
    ['an empty line', [['\n', '01O']], `${AT} 01O \n`],
  ])('%s', (_, pieces, stamped) => expect(stamp(...pieces)).toBe(stamped))

  it('a long line is cut after 8 KiB', () => {
    const stamped = stamp([`${'x'.repeat(20_000)}\n`, '01O'])
    expect(stamped.split('\n').map((line) => [line.slice(28, 32), line.length - 32])).toEqual([
      ['01O ', 8192],
      ['01O+', 8192],
      ['01O+', 3616],
      ['', -32],
    ])
  })
})
