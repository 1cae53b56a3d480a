import { describe, expect, it } from 'vitest'
import { spanInside } from '../../src/settings/inside-scalar.ts'

/** The scalar from `start`, as it is written, and what is marked of it. */
function marked(before: string, written: string, text: string, offset: number): string {
  const source = `${before}${written}\nrest: 1\n`
  const span = { file: 'f', start: before.length, end: before.length + written.length }
  const { start, end } = spanInside(source, span, text, offset)
  return `${start - before.length} ${JSON.stringify(source.slice(start, end))}`
}

describe('a character of a scalar', () => {
  it.each<[string, string, string, number, string]>([
    ['plain', '0 25 * * *', '0 25 * * *', 2, '2 "2"'],
    ['plain, behind its end', '0 4 * *', '0 4 * *', 7, '6 "*"'],
    ['plain, a blank', '0 1- * * *', '0 1- * * *', 4, '4 " "'],
    ['plain over lines', '0 4\n    99 * *', '0 4 99 * *', 4, '8 "9"'],
    ['in single quotes', "'0 25 * * *'", '0 25 * * *', 2, '3 "2"'],
    ['behind a doubled quote', "'''0 25'", "'0 25", 3, '5 "2"'],
    ['in double quotes', '"0 25 * * *"', '0 25 * * *', 2, '3 "2"'],
    ['behind escapes', '"\\x30\\t25 * * *"', '0\t25 * * *', 2, '7 "2"'],
    ['an escape', '"0 4 \\u003f * *"', '0 4 ? * *', 4, '5 "\\\\u003f"'],
    ['two units of one escape', '"\\U0001F600 25"', '😀 25', 3, '12 "2"'],
    ['a blank of Unicode', '"\\_0 4 * * *"', '\xa00 4 * * *', 0, '1 "\\\\_"'],
    ['double-quoted over lines', '"0 4\n   \\\n   99 *"', '0 4 99 *', 4, '13 "9"'],
    ['double-quoted, behind its end', '"0 4 * *"', '0 4 * *', 7, '7 "*"'],
    ['folded', '>-\n      0 25\n      * * *', '0 25 * * *', 2, '11 "2"'],
    ['folded, second line', '>\n      0 4\n      * * 8\n', '0 4 * * 8\n', 8, '22 "8"'],
    ['literal with a remark', '| # nightly\n  0 25 * * *\n', '0 25 * * *\n', 2, '16 "2"'],
    ['with line ends of Windows', '>-\r\n  0 4\r\n  * * 8', '0 4 * * 8', 8, '17 "8"'],
    ['nothing but blanks', "' '", ' ', 0, '0 "\' \'"'],
    ['what does not match: the whole', '!tag x', 'y', 0, '0 "!tag x"'],
  ])('%s', (_title, written, text, offset, expected) => {
    expect(marked('cron: ', written, text, offset)).toBe(expected)
  })
})
