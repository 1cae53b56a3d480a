import type { YamlScalar } from '../node.ts'
import { DASH_NOT_ALLOWED, EXPECTED_COLON, failSyntax, KEY_NOT_ALLOWED } from '../problem.ts'
import { readBlockScalar } from './block-scalar.ts'
import { ASTERISK, atIndicator, COLON, type Cursor, DASH, GREATER, PIPE, QUESTION } from './cursor.ts'
import { readFlow } from './flow.ts'
import {
  atQuote,
  atValue,
  beginsPlain,
  frontHere,
  isNear,
  refuseCharacter,
  startsWithProperties,
} from './front.ts'
import { readPlain } from './plain.ts'
import { NO_PROPERTIES, type Properties, readAlias, readProperties } from './properties.ts'
import { readQuoted } from './quoted.ts'
import { collectionKey } from '../tree.ts'

/** `"a" b: c` — libyaml still takes the quoted scalar for the key, and so reads on. Leaves the cursor where it was. */
export function hasLateColon(cursor: Cursor, indent: number): boolean {
  const { at, lineStart } = cursor
  if (!cursor.keyAllowed && atIndicator(cursor, DASH)) failSyntax(DASH_NOT_ALLOWED, at)
  if (cursor.keyAllowed || !beginsPlain(cursor)) return false
  readPlain(cursor, indent)
  const late = cursor.lineStart === lineStart && atIndicator(cursor, COLON)
  cursor.at = at
  cursor.lineStart = lineStart
  cursor.keyAllowed = false
  return late
}

/** Something follows a finished node where only another entry may. What libyaml's scanner says about it comes first. */
export function failAtToken(cursor: Cursor, column: number, sentence: string, mark: number): never {
  const place = cursor.at
  const front = frontHere(cursor, NO_PROPERTIES)
  const isBlock = '|>-?:'.includes(cursor.text.charAt(place)) && !beginsPlain(cursor)
  const isAtColumn = place - front.keyLine === column
  if (isAtColumn && '[{'.includes(cursor.text.charAt(place))) readBracketKey(cursor, place, NO_PROPERTIES)
  else scanToken(cursor, column)
  const isRequired = isAtColumn && !isBlock && cursor.at > place
  if (isRequired && !(atValue(cursor) && isNear(cursor, front)) && !hasLateColon(cursor, column))
    failSyntax(EXPECTED_COLON, place)
  return failSyntax(sentence, mark, place)
}

/** Reads the token at the cursor only to see whether libyaml's scanner would refuse it, and steps over those that may begin a key. */
export function scanToken(cursor: Cursor, indent: number): void {
  refuseCharacter(cursor)
  const { at } = cursor
  const code = cursor.text.charCodeAt(at)
  if (beginsPlain(cursor)) readPlain(cursor, indent)
  else if (atQuote(cursor)) readQuoted(cursor)
  else if (code === ASTERISK) readAlias(cursor)
  else if (startsWithProperties(cursor)) readProperties(cursor)
  else if (code === PIPE || code === GREATER) readBlockScalar(cursor, indent)
  else if (code === DASH && !cursor.keyAllowed) failSyntax(DASH_NOT_ALLOWED, at)
  else if (code === QUESTION && !cursor.keyAllowed) failSyntax(KEY_NOT_ALLOWED, at)
}

export function readBracketKey(cursor: Cursor, keyStart: number, properties: Properties): YamlScalar {
  cursor.requiredKey = keyStart
  const node = readFlow(cursor, properties)
  cursor.requiredKey = -1
  return collectionKey(node)
}
