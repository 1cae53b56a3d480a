import type { YamlNode } from '../node.ts'
import {
  EXPECTED_ALIAS_NAME,
  EXPECTED_ANCHOR_NAME,
  EXPECTED_TAG_END,
  failSyntax,
  leaveToGeneralReader,
  UNDEFINED_HANDLE,
} from '../problem.ts'
import { alias } from '../tree.ts'
import { AMPERSAND, COMMA, EXCLAMATION, isBlankOrEnd, skipBlanks, type Cursor } from './cursor.ts'

/** Anchor and tag in front of a node. */
export interface Properties {
  readonly anchor: string | undefined
  readonly tag: string | undefined
}

export const NO_PROPERTIES: Properties = { anchor: undefined, tag: undefined }

/** Reads `&anchor` and `!tag`, in either order, and the blanks behind them. `contentEnd` is left behind the last of them. */
export function readProperties(cursor: Cursor): Properties {
  const { text } = cursor
  let anchor: string | undefined
  let tag: string | undefined
  for (;;) {
    const code = text.charCodeAt(cursor.at)
    if (code === AMPERSAND && anchor === undefined) anchor = readName(cursor, EXPECTED_ANCHOR_NAME)
    else if (code === EXCLAMATION && tag === undefined) tag = readTag(cursor)
    else break
    cursor.contentEnd = cursor.at
    skipBlanks(cursor)
  }
  cursor.keyAllowed = false
  return { anchor, tag }
}

export function readAlias(cursor: Cursor): YamlNode {
  const start = cursor.at
  const name = readName(cursor, EXPECTED_ALIAS_NAME)
  cursor.keyAllowed = false
  cursor.contentEnd = cursor.at
  return alias(cursor.tree, name, { file: cursor.tree.file, start, end: cursor.at })
}

const NAME = /[0-9A-Za-z_-]*/y

function readName(cursor: Cursor, complaint: string): string {
  const start = cursor.at
  NAME.lastIndex = start + 1
  const name = NAME.exec(cursor.text)?.[0] ?? ''
  cursor.at = start + 1 + name.length
  const next = cursor.text.charAt(cursor.at)
  const ends = isBlankOrEnd(cursor.text.charCodeAt(cursor.at)) || '?:,]}%@`'.includes(next)
  if (name === '' || !ends) failSyntax(complaint, start, cursor.at)
  return name
}

const TAG = /!(?:([0-9A-Za-z_-]*)!)?([0-9A-Za-z_\-;/?:@&=+$.~*'()%!]*)/y

/** `!name`, `!!name` (YAML's own types) or the lone `!`. */
function readTag(cursor: Cursor): string {
  const { text } = cursor
  const start = cursor.at
  if (text.charAt(start + 1) === '<') leaveToGeneralReader(start)
  TAG.lastIndex = start
  const [whole = '!', handle, suffix = ''] = TAG.exec(text) ?? []
  cursor.at = start + whole.length
  const code = text.charCodeAt(cursor.at)
  if (!isBlankOrEnd(code) && !(cursor.flowLevel > 0 && code === COMMA))
    failSyntax(EXPECTED_TAG_END, start, cursor.at)
  if (handle) failSyntax(UNDEFINED_HANDLE, start)
  if (handle === '' && suffix === '') leaveToGeneralReader(start)
  return handle === '' ? `tag:yaml.org,2002:${suffix}` : `!${suffix}`
}
