import {
  DOCUMENT_IN_QUOTE,
  EXPECTED_HEX,
  failSyntax,
  INVALID_CODE_POINT,
  OPEN_QUOTE,
  UNKNOWN_ESCAPE,
} from '../problem.ts'
import {
  afterBreak,
  atDocumentMark,
  BACKSLASH,
  isBlankOrEnd,
  isBreak,
  NUL,
  SINGLE_QUOTE,
  SPACE,
  TAB,
  type Cursor,
} from './cursor.ts'

// libyaml 0.2.5, `yaml_parser_scan_flow_scalar`.
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** Reads a quoted scalar of either kind and returns its text, lines folded. Leaves the cursor behind the closing quote. */
export function readQuoted(cursor: Cursor): string {
  const { text } = cursor
  const start = cursor.at++
  const quote = text.charCodeAt(start)
  cursor.keyAllowed = false
  let value = ''
  for (;;) {
    if (atDocumentMark(cursor)) failSyntax(DOCUMENT_IN_QUOTE, start)
    value += readWord(cursor, quote, start)
    const code = text.charCodeAt(cursor.at)
    if (code === quote) break
    if (code === NUL) failSyntax(OPEN_QUOTE, start)
    value += readGap(cursor)
  }
  cursor.at++
  cursor.contentEnd = cursor.at
  return value
}

/** Text without blanks up to a blank, a line break or the closing quote. */
function readWord(cursor: Cursor, quote: number, start: number): string {
  const { text } = cursor
  let value = ''
  let from = cursor.at
  for (;;) {
    const code = text.charCodeAt(cursor.at)
    if (code === quote) {
      if (quote !== SINGLE_QUOTE || text.charCodeAt(cursor.at + 1) !== SINGLE_QUOTE) break
      value += text.slice(from, cursor.at + 1)
      cursor.at += 2
      from = cursor.at
    } else if (isBlankOrEnd(code)) {
      break
    } else if (code === BACKSLASH && quote !== SINGLE_QUOTE) {
      value += text.slice(from, cursor.at)
      if (isBreak(text.charCodeAt(cursor.at + 1))) return value
      value += readEscape(cursor, start)
      from = cursor.at
    } else {
      cursor.at++
    }
  }
  return value + text.slice(from, cursor.at)
}

function readEscape(cursor: Cursor, start: number): string {
  const { text } = cursor
  const letter = text.charAt(cursor.at + 1)
  const length = HEX_DIGITS[letter]
  if (length === undefined) {
    const character = ESCAPES[letter]
    if (character === undefined) failSyntax(UNKNOWN_ESCAPE, start, cursor.at)
    cursor.at += 2
    return character
  }
  const digits = text.slice(cursor.at + 2, cursor.at + 2 + length)
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) failSyntax(EXPECTED_HEX, start, cursor.at)
  const point = Number.parseInt(digits, 16)
  if ((point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff)
    failSyntax(INVALID_CODE_POINT, start, cursor.at)
  cursor.at += 2 + length
  return String.fromCodePoint(point)
}

/** Blanks and line breaks between two words: kept within a line, folded over lines; an escaped line break leaves nothing. */
function readGap(cursor: Cursor): string {
  const { text } = cursor
  const from = cursor.at
  const escaped = text.charCodeAt(from) === BACKSLASH
  if (escaped) cursor.lineStart = cursor.at = afterBreak(text, from + 1)
  let breaks = 0
  for (;;) {
    const code = text.charCodeAt(cursor.at)
    if (isBreak(code)) {
      breaks++
      cursor.lineStart = cursor.at = afterBreak(text, cursor.at)
    } else if (code === SPACE || code === TAB) {
      cursor.at++
    } else {
      break
    }
  }
  if (escaped) return '\n'.repeat(breaks)
  if (breaks === 0) return text.slice(from, cursor.at)
  return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
}
