import { failSyntax, NO_TOKEN } from '../problem.ts'
import {
  AMPERSAND,
  AT,
  atIndicator,
  BACKTICK,
  COLON,
  type Cursor,
  DASH,
  DOUBLE_QUOTE,
  EXCLAMATION,
  isBlankOrEnd,
  PERCENT,
  QUESTION,
  SINGLE_QUOTE,
  skipBlanks,
  TAB,
} from './cursor.ts'
import { LONGEST_KEY } from './flow.ts'
import { NO_PROPERTIES, type Properties } from './properties.ts'

/**
 * What stands in front of a node. Properties on the node's own line belong to its first key if it turns out to be a
 * mapping (`&a key: value`); those on an earlier line belong to the node.
 */
export interface Front {
  readonly own: Properties
  readonly onLine: Properties
  /** Where a key would begin. */
  readonly keyStart: number
  readonly keyLine: number
  readonly keyAllowed: boolean
}

export function frontHere(cursor: Cursor, own: Properties): Front {
  return {
    own,
    onLine: NO_PROPERTIES,
    keyStart: cursor.at,
    keyLine: cursor.lineStart,
    keyAllowed: cursor.keyAllowed,
  }
}

/** Whether the cursor stands, after blanks on the same line, at the `:` of a pair. */
export function atValue(cursor: Cursor): boolean {
  if (cursor.keyAllowed) return false
  skipBlanks(cursor)
  return atIndicator(cursor, COLON)
}

/** Whether what began at the front may still be a key now that its `:` is reached. */
export function isNear(cursor: Cursor, { keyAllowed, keyLine, keyStart }: Front): boolean {
  return keyAllowed && cursor.lineStart === keyLine && cursor.at - keyStart <= LONGEST_KEY
}

/** What libyaml can never take for the next key, so that it reads it as this value even without indentation. */
export function needsNoIndent(cursor: Cursor): boolean {
  return '|>,]}'.includes(cursor.text.charAt(cursor.at))
}

export function startsWithProperties(cursor: Cursor): boolean {
  const code = cursor.text.charCodeAt(cursor.at)
  return code === AMPERSAND || code === EXCLAMATION
}

export function atQuote(cursor: Cursor): boolean {
  const code = cursor.text.charCodeAt(cursor.at)
  return code === SINGLE_QUOTE || code === DOUBLE_QUOTE
}

const INDICATORS = new Set(Array.from(',[]{}#&*!|>\'"%@`', (character) => character.charCodeAt(0)))

/** Whether a plain scalar begins here. */
export function beginsPlain(cursor: Cursor): boolean {
  const code = cursor.text.charCodeAt(cursor.at)
  if (code === DASH || code === QUESTION || code === COLON)
    return !isBlankOrEnd(cursor.text.charCodeAt(cursor.at + 1))
  return !isBlankOrEnd(code) && !INDICATORS.has(code)
}

/** libyaml: no token begins with these. */
export function refuseCharacter(cursor: Cursor): void {
  const code = cursor.text.charCodeAt(cursor.at)
  if (code === TAB || code === AT || code === BACKTICK || code === PERCENT) failSyntax(NO_TOKEN, cursor.at)
}
