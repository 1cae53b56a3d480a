import { EXPECTED_BREAK, failSyntax, TAB_IN_BLOCK, ZERO_INDENT } from '../problem.ts'
import {
  afterBreak,
  DASH,
  endOfLine,
  HASH,
  isBreak,
  NUL,
  PIPE,
  PLUS,
  skipBlanks,
  SPACE,
  TAB,
  type Cursor,
} from './cursor.ts'

interface Header {
  readonly literal: boolean
  readonly chomp: 'strip' | 'clip' | 'keep'
  /** Explicit indentation; 0 when it is to be found out. */
  readonly increment: number
}

/** Reads `|` or `>` (libyaml: `yaml_parser_scan_block_scalar`). `indent` is the column of the innermost block collection. */
export function readBlockScalar(cursor: Cursor, indent: number): string {
  const start = cursor.at
  const header = readHeader(cursor, start)
  const explicit = header.increment === 0 ? 0 : Math.max(indent, 0) + header.increment
  const first = skipEmptyLines(cursor, explicit, indent, start)
  const value = readLines(cursor, header, first, start)
  cursor.keyAllowed = true
  return value
}

function readHeader(cursor: Cursor, start: number): Header {
  const { text } = cursor
  const literal = text.charCodeAt(cursor.at++) === PIPE
  let chomp: Header['chomp'] = 'clip'
  let increment = 0
  for (let left = 2; left > 0; left--) {
    const code = text.charCodeAt(cursor.at)
    if ((code === PLUS || code === DASH) && chomp === 'clip') chomp = code === PLUS ? 'keep' : 'strip'
    else if (code >= 0x30 && code <= 0x39 && increment === 0) increment = readIncrement(code, start)
    else break
    cursor.at++
  }
  cursor.contentEnd = cursor.at
  const code = skipBlanks(cursor)
  if (code === HASH) cursor.at = endOfLine(text, cursor.at)
  else if (!isBreak(code) && code !== NUL) failSyntax(EXPECTED_BREAK, start, cursor.at)
  if (text.charCodeAt(cursor.at) !== NUL) cursor.lineStart = cursor.at = afterBreak(text, cursor.at)
  return { literal, chomp, increment }
}

function readIncrement(code: number, start: number): number {
  if (code === 0x30) failSyntax(ZERO_INDENT, start)
  return code - 0x30
}

interface EmptyLines {
  readonly breaks: number
  /** Indentation of the text. */
  readonly indent: number
}

function skipEmptyLines(cursor: Cursor, known: number, outer: number, start: number): EmptyLines {
  const { text } = cursor
  let breaks = 0
  let widest = 0
  for (;;) {
    let code = text.charCodeAt(cursor.at)
    while (code === SPACE && (known === 0 || cursor.at - cursor.lineStart < known))
      code = text.charCodeAt(++cursor.at)
    const column = cursor.at - cursor.lineStart
    widest = Math.max(widest, column)
    if (code === TAB && (known === 0 || column < known)) failSyntax(TAB_IN_BLOCK, start, cursor.at)
    if (!isBreak(code)) break
    breaks++
    cursor.lineStart = cursor.at = afterBreak(text, cursor.at)
  }
  return { breaks, indent: known === 0 ? Math.max(widest, outer + 1, 1) : known }
}

function readLines(cursor: Cursor, { literal, chomp }: Header, first: EmptyLines, start: number): string {
  const { text } = cursor
  let value = ''
  let lineBreak = ''
  let { breaks } = first
  let afterBlank = false
  while (cursor.at - cursor.lineStart === first.indent && text.charCodeAt(cursor.at) !== NUL) {
    const code = text.charCodeAt(cursor.at)
    const blank = code === SPACE || code === TAB
    const folds = !literal && lineBreak !== '' && !afterBlank && !blank
    value += folds ? (breaks === 0 ? ' ' : '') : lineBreak
    value += '\n'.repeat(breaks)
    const end = endOfLine(text, cursor.at)
    value += text.slice(cursor.at, end)
    cursor.contentEnd = lastText(text, cursor.at, end) ?? cursor.contentEnd
    afterBlank = blank
    cursor.at = end
    lineBreak = text.charCodeAt(end) === NUL ? '' : '\n'
    if (lineBreak !== '') cursor.lineStart = cursor.at = afterBreak(text, end)
    breaks = skipEmptyLines(cursor, first.indent, 0, start).breaks
  }
  return value + (chomp === 'strip' ? '' : lineBreak) + (chomp === 'keep' ? '\n'.repeat(breaks) : '')
}

/** The end of the last word in a line; undefined for a line of blanks. */
function lastText(text: string, start: number, end: number): number | undefined {
  let at = end
  while (at > start && (text.charCodeAt(at - 1) === SPACE || text.charCodeAt(at - 1) === TAB)) at--
  return at > start ? at : undefined
}
