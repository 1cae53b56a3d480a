import { describe, expect, it } from 'vitest'
import { lastDrawing, terminalText } from '../../src/cli/terminal-text.ts'

const cases: readonly [what: string, text: string, colored: string, plain: string][] = [
  ['plain text', 'ok 41 tests\tgreen', 'ok 41 tests\tgreen', 'ok 41 tests\tgreen'],
  ['umlauts and emoji', 'grün ✔ 🚀', 'grün ✔ 🚀', 'grün ✔ 🚀'],
  ['colours', '\u001b[31;1mred\u001b[0;m', '\u001b[31;1mred\u001b[0;m', 'red'],
  ['true colours with colons', '\u001b[38:2::1:2:3mx\u001b[m', '\u001b[38:2::1:2:3mx\u001b[m', 'x'],
  ['cursor moves', 'a\u001b[2Ab\u001b[10;1Hc', 'abc', 'abc'],
  ['erasing', '\u001b[0Kline\u001b[2J', 'line', 'line'],
  ['private modes: alternate screen, bracketed paste', '\u001b[?1049hx\u001b[?2004l', 'x', 'x'],
  ['the clipboard (OSC 52), ended by BEL', 'a\u001b]52;c;aGk=\u0007b', 'ab', 'ab'],
  ['a title (OSC 0), ended by ST', 'a\u001b]0;title\u001b\\b', 'ab', 'ab'],
  ['a link (OSC 8)', '\u001b]8;;http://evil/\u001b\\click\u001b]8;;\u001b\\', 'click', 'click'],
  [
    'a string that is never ended, up to the end of its line',
    'a\u001b]0;hidden\nshown',
    'a\nshown',
    'a\nshown',
  ],
  ['device control strings', 'a\u001bPq#0\u001b\\b', 'ab', 'ab'],
  ['one-character C1 forms', 'a\u009b2Jb\u009d0;t\u0007c\u0085d', 'abcd', 'abcd'],
  ['bell, backspace, null', 'a\u0007b\u0008c\u0000d', 'abcd', 'abcd'],
  ['a lone escape at the end', 'a\u001b', 'a', 'a'],
  ['full reset', 'a\u001bcb', 'ab', 'ab'],
  ['character sets', 'a\u001b(0b', 'ab', 'ab'],
  ['carriage returns and line ends', 'a\r\nb\n', 'a\r\nb\n', 'a\r\nb\n'],
]

describe('terminalText', () => {
  it.each(cases)('%s', (_what, text, colored, plain) => {
    expect(terminalText(text, true)).toBe(colored)
    expect(terminalText(text, false)).toBe(plain)
  })
})

describe('lastDrawing', () => {
  it.each([
    ['10%\r20%\r100%', '100%'],
    ['windows line\r', 'windows line'],
    ['plain', 'plain'],
    ['', ''],
  ])('%j shows %j', (line, shown) => {
    expect(lastDrawing(line)).toBe(shown)
  })
})
