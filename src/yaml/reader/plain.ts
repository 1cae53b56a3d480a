import { failSyntax, TAB_IN_PLAIN, UNEXPECTED_COLON } from '../problem.ts'
import {
  afterBreak,
  atDocumentMark,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  HASH,
  isBlankOrEnd,
  isBreak,
  NUL,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUESTION,
  SPACE,
  TAB,
  type Cursor,
} from './cursor.ts'

/**
 * Reads a plain scalar and returns its text with lines folded (libyaml: `yaml_parser_scan_plain_scalar`). `indent` is the
 * column of the innermost block collection; lines at or left of it end the scalar. Leaves the cursor behind the blanks
 * and line breaks that follow, with `keyAllowed` set if there was a line break.
 */
export function readPlain(cursor: Cursor, indent: number): string {
  const start = cursor.at
  const { text } = cursor
  cursor.keyAllowed = false
  let value = ''
  for (;;) {
    const pieceStart = cursor.at
    if (readPiece(cursor, start)) cursor.contentEnd = pieceStart
    value += text.slice(pieceStart, cursor.contentEnd)
    if (!isBreak(text.charCodeAt(cursor.at))) return value
    const breaks = skipBreaks(cursor, indent, start)
    if (!continues(cursor, indent)) {
      cursor.keyAllowed = true
      return value
    }
    value += breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
  }
}

/** Reads to the end of the line, of the scalar or of the flow entry. True when there was nothing to read. */
function readPiece(cursor: Cursor, start: number): boolean {
  const { text } = cursor
  const inFlow = cursor.flowLevel > 0
  let at = cursor.at
  let empty = true
  for (;;) {
    const wordStart = at
    let code = text.charCodeAt(at)
    while (
      !isBlankOrEnd(code) &&
      !(code === COLON && endsAtColon(text, at, inFlow, start)) &&
      !(inFlow && isFlowIndicator(code))
    ) {
      code = text.charCodeAt(++at)
    }
    if (at > wordStart) {
      cursor.contentEnd = at
      empty = false
    }
    if (code !== SPACE && code !== TAB) break
    while (code === SPACE || code === TAB) code = text.charCodeAt(++at)
    if (code === HASH) break
  }
  cursor.at = at
  return empty
}

function endsAtColon(text: string, at: number, inFlow: boolean, start: number): boolean {
  const next = text.charCodeAt(at + 1)
  if (isBlankOrEnd(next)) return true
  if (inFlow && (isFlowIndicator(next) || next === QUESTION)) failSyntax(UNEXPECTED_COLON, start, at)
  return false
}

function isFlowIndicator(code: number): boolean {
  return (
    code === COMMA ||
    code === CLOSE_BRACKET ||
    code === CLOSE_BRACE ||
    code === OPEN_BRACKET ||
    code === OPEN_BRACE
  )
}

function skipBreaks(cursor: Cursor, indent: number, start: number): number {
  const { text } = cursor
  let breaks = 0
  for (;;) {
    const code = text.charCodeAt(cursor.at)
    if (isBreak(code)) {
      breaks++
      cursor.lineStart = cursor.at = afterBreak(text, cursor.at)
    } else if (code === SPACE) {
      cursor.at++
    } else if (code === TAB) {
      if (cursor.at - cursor.lineStart <= indent) failSyntax(TAB_IN_PLAIN, start, cursor.at)
      cursor.at++
    } else {
      return breaks
    }
  }
}

/** Whether the line now begun goes on with the scalar. */
function continues(cursor: Cursor, indent: number): boolean {
  const { text, at } = cursor
  const code = text.charCodeAt(at)
  if (code === NUL || code === HASH || atDocumentMark(cursor)) return false
  if (code === COLON && isBlankOrEnd(text.charCodeAt(at + 1))) return false
  return cursor.flowLevel > 0 ? !isFlowIndicator(code) : at - cursor.lineStart > indent
}
