import {
  DIRECTIVE_CHARACTER,
  EXPECTED_COLON,
  EXPECTED_DIRECTIVE,
  failSyntax,
  leaveToGeneralReader,
  UNKNOWN_DIRECTIVE,
} from '../problem.ts'
import type { Tree } from '../tree.ts'

/** The reader's place in one document. Its text ends in a NUL, which YAML does not allow inside. */
export interface Cursor {
  readonly text: string
  readonly tree: Tree
  at: number
  lineStart: number
  flowLevel: number
  /** libyaml's `simple_key_allowed`: a key, and in block context a collection, may begin here. */
  keyAllowed: boolean
  /** Start of a bracket that stands where only a key may, and so must see its `:` before the line ends; -1 without one. */
  requiredKey: number
  /** Where the text of the scalar read last ends, without the blanks behind it. */
  contentEnd: number
}

export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const NUL = 0x00
export const SPACE = 0x20
export const EXCLAMATION = 0x21
export const DOUBLE_QUOTE = 0x22
export const HASH = 0x23
export const PERCENT = 0x25
export const AMPERSAND = 0x26
export const SINGLE_QUOTE = 0x27
export const ASTERISK = 0x2a
export const PLUS = 0x2b
export const COMMA = 0x2c
export const DASH = 0x2d
export const DOT = 0x2e
export const COLON = 0x3a
export const GREATER = 0x3e
export const QUESTION = 0x3f
export const AT = 0x40
export const OPEN_BRACKET = 0x5b
export const BACKSLASH = 0x5c
export const CLOSE_BRACKET = 0x5d
export const BACKTICK = 0x60
export const OPEN_BRACE = 0x7b
export const PIPE = 0x7c
export const CLOSE_BRACE = 0x7d

/** libyaml's BLANKZ: a blank, a line break or the end. */
export function isBlankOrEnd(code: number): boolean {
  return code === SPACE || code === LF || code === NUL || code === TAB || code === CR
}

export function isBreak(code: number): boolean {
  return code === LF || code === CR
}

/** The offset behind the line break at `at`, which may be `\n`, `\r` or both. */
export function afterBreak(text: string, at: number): number {
  return at + (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF ? 2 : 1)
}

/** Skips blanks, comments and line breaks. libyaml: a tab is a blank only where no key can begin. */
export function toNextToken(cursor: Cursor): void {
  const { text } = cursor
  let at = cursor.at
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === SPACE || (code === TAB && (cursor.flowLevel > 0 || !cursor.keyAllowed))) {
      at++
    } else if (isBreak(code)) {
      if (cursor.requiredKey >= 0) failSyntax(EXPECTED_COLON, cursor.requiredKey)
      at = afterBreak(text, at)
      cursor.lineStart = at
      if (cursor.flowLevel === 0) cursor.keyAllowed = true
    } else if (code === HASH) {
      at = endOfLine(text, at)
    } else {
      if (code === NUL && cursor.requiredKey >= 0) failSyntax(EXPECTED_COLON, cursor.requiredKey)
      break
    }
  }
  cursor.at = at
}

/** Skips blanks on this line. */
export function skipBlanks(cursor: Cursor): number {
  const { text } = cursor
  let code = text.charCodeAt(cursor.at)
  while (code === SPACE || code === TAB) code = text.charCodeAt(++cursor.at)
  return code
}

/** The column of the next token; -1 where the document ends, which closes every block collection. */
export function nextColumn(cursor: Cursor): number {
  toNextToken(cursor)
  const code = cursor.text.charCodeAt(cursor.at)
  if (code === NUL) return -1
  const column = cursor.at - cursor.lineStart
  if (column > 0) return column
  if (code === PERCENT) readDirective(cursor)
  return atDocumentMark(cursor) ? -1 : 0
}

/** libyaml takes a `%` at the start of a line for a directive, also in the middle of a document. */
function readDirective({ text, at }: Cursor): never {
  const name = /^[0-9A-Za-z_-]*/.exec(text.slice(at + 1, at + 100))?.[0] ?? ''
  if (name === 'YAML' || name === 'TAG') leaveToGeneralReader(at)
  if (name === '') failSyntax(EXPECTED_DIRECTIVE, at)
  return failSyntax(
    isBlankOrEnd(text.charCodeAt(at + 1 + name.length)) ? UNKNOWN_DIRECTIVE : DIRECTIVE_CHARACTER,
    at,
  )
}

/** `---` or `...` at the start of a line. */
export function atDocumentMark(cursor: Cursor): boolean {
  const { text, at } = cursor
  const code = text.charCodeAt(at)
  return (
    (code === DASH || code === DOT) &&
    at === cursor.lineStart &&
    text.charCodeAt(at + 1) === code &&
    text.charCodeAt(at + 2) === code &&
    isBlankOrEnd(text.charCodeAt(at + 3))
  )
}

/** `- `: an indicator followed by a blank. */
export function atIndicator(cursor: Cursor, indicator: number): boolean {
  return (
    cursor.text.charCodeAt(cursor.at) === indicator && isBlankOrEnd(cursor.text.charCodeAt(cursor.at + 1))
  )
}

export function endOfLine(text: string, at: number): number {
  let end = at
  for (let code = text.charCodeAt(end); !isBreak(code) && code !== NUL; code = text.charCodeAt(end)) end++
  return end
}
