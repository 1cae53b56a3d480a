import { describe, expect, it } from 'vitest'
import { counted, durationText, padded, shellWord } from '../../src/cli/words.ts'

describe('words', () => {
  it.each([
    [0, '0.00 s'],
    [0.42, '0.42 s'],
    [8.34, '8.3 s'],
    [59.4, '59.4 s'],
    [83, '1m 23s'],
    [3600, '1h 0m'],
    [7500, '2h 5m'],
  ])('%d seconds are %j', (seconds, text) => {
    expect(durationText(seconds)).toBe(text)
  })

  it('counts', () => {
    expect([counted(0, 'job'), counted(1, 'job'), counted(3, 'job')]).toEqual(['0 jobs', '1 job', '3 jobs'])
  })

  it.each([
    ['unit-tests', 'unit-tests'],
    ['unit 1/2', "'unit 1/2'"],
    ["it's", `'it'\\''s'`],
    ['$HOME', "'$HOME'"],
    ['', "''"],
  ])('%j is %s in a shell', (word, quoted) => {
    expect(shellWord(word)).toBe(quoted)
  })

  it('pads by columns: an emoji fills two', () => {
    expect(padded('🚀', 4)).toBe('🚀  ')
    expect(padded('long', 2)).toBe('long')
  })
})
