import { addEntry, startMapping } from '../merge.ts'
import type { YamlNode, YamlScalar } from '../node.ts'
import {
  DASH_NOT_ALLOWED,
  EXPECTED_BLOCK_CONTENT,
  EXPECTED_COLON,
  EXPECTED_DASH,
  EXPECTED_KEY,
  failSyntax,
  KEY_NOT_ALLOWED,
  leaveToGeneralReader,
  VALUE_NOT_ALLOWED,
} from '../problem.ts'
import { readBlockScalar } from './block-scalar.ts'
import {
  AMPERSAND,
  ASTERISK,
  atIndicator,
  COLON,
  type Cursor,
  DASH,
  DOUBLE_QUOTE,
  EXCLAMATION,
  GREATER,
  isBlankOrEnd,
  nextColumn,
  OPEN_BRACE,
  OPEN_BRACKET,
  PIPE,
  QUESTION,
  SINGLE_QUOTE,
} from './cursor.ts'
import { readFlow } from './flow.ts'
import {
  atQuote,
  atValue,
  beginsPlain,
  type Front,
  frontHere,
  isNear,
  needsNoIndent,
  refuseCharacter,
  startsWithProperties,
} from './front.ts'
import { failAtToken, hasLateColon, readBracketKey } from './misplaced.ts'
import { readPlain } from './plain.ts'
import { NO_PROPERTIES, type Properties, readAlias, readProperties } from './properties.ts'
import { readQuoted } from './quoted.ts'
import { closeMapping, closeSequence, collectionKey, openCollection, scalar } from '../tree.ts'

/**
 * Reads the node at the cursor. `indent` is the column of the innermost block collection, -1 at the top; `asValue` that a
 * sequence may stand at that very column, as it may below a key.
 */
export function readBlockNode(cursor: Cursor, indent: number, asValue: boolean): YamlNode {
  const code = cursor.text.charCodeAt(cursor.at)
  if (code === AMPERSAND || code === EXCLAMATION) return readWithProperties(cursor, indent, asValue)
  return readContent(cursor, indent, frontHere(cursor, NO_PROPERTIES))
}

function readWithProperties(cursor: Cursor, indent: number, asValue: boolean): YamlNode {
  const { keyAllowed, at: keyStart, lineStart: keyLine } = cursor
  const properties = readProperties(cursor)
  const end = cursor.contentEnd
  const column = nextColumn(cursor)
  if (column >= 0 && cursor.lineStart === keyLine) {
    return readContent(cursor, indent, {
      own: NO_PROPERTIES,
      onLine: properties,
      keyStart,
      keyLine,
      keyAllowed,
    })
  }
  if (column > indent || (asValue && column === indent && atIndicator(cursor, DASH))) {
    return readContent(cursor, indent, frontHere(cursor, properties))
  }
  return emptyScalar(cursor, end, properties)
}

function readContent(cursor: Cursor, indent: number, front: Front): YamlNode {
  const { text, tree } = cursor
  const start = cursor.at
  const properties = front.onLine === NO_PROPERTIES ? front.own : front.onLine
  const code = text.charCodeAt(start)
  switch (code) {
    case DASH:
    case QUESTION:
    case COLON:
      if (!isBlankOrEnd(text.charCodeAt(start + 1))) break
      return readAtIndicator(cursor, indent, front)
    case SINGLE_QUOTE:
    case DOUBLE_QUOTE:
      return keyOrScalar(cursor, indent, front, readQuoted(cursor), false, start)
    case OPEN_BRACKET:
    case OPEN_BRACE:
      return keyOrNode(cursor, front, readFlow(cursor, properties))
    case ASTERISK:
      if (properties !== NO_PROPERTIES) break
      return keyOrNode(cursor, front, readAlias(cursor))
    case PIPE:
    case GREATER:
      return scalar(
        tree,
        readBlockScalar(cursor, indent),
        false,
        properties.anchor,
        properties.tag,
        start,
        cursor.contentEnd,
      )
  }
  refuseCharacter(cursor)
  if (!beginsPlain(cursor)) return readNothing(cursor, front, properties)
  return keyOrScalar(cursor, indent, front, readPlain(cursor, indent), true, start)
}

/** A closing bracket, or what properties cannot stand in front of: with properties libyaml sees an empty scalar first. */
function readNothing(cursor: Cursor, front: Front, properties: Properties): YamlNode {
  if (properties === NO_PROPERTIES) return failSyntax(EXPECTED_BLOCK_CONTENT, cursor.at)
  if (front.onLine === NO_PROPERTIES) return leaveToGeneralReader(cursor.at)
  return emptyScalar(cursor, cursor.contentEnd, properties)
}

/** `- `, `? ` or `: `. */
function readAtIndicator(cursor: Cursor, indent: number, front: Front): YamlNode {
  const { at } = cursor
  const code = cursor.text.charCodeAt(at)
  if (code === DASH)
    return cursor.keyAllowed ? readSequence(cursor, indent, front.own) : failSyntax(DASH_NOT_ALLOWED, at)
  if (front.onLine !== NO_PROPERTIES || (code === QUESTION && cursor.keyAllowed))
    return leaveToGeneralReader(at)
  if (code === QUESTION) return failSyntax(KEY_NOT_ALLOWED, at)
  return failSyntax(cursor.keyAllowed ? EXPECTED_KEY : VALUE_NOT_ALLOWED, at)
}

/** A scalar that has been read: a node by itself, or with a `:` behind it the first key of a mapping. */
function keyOrScalar(
  cursor: Cursor,
  indent: number,
  front: Front,
  value: string,
  plain: boolean,
  start: number,
): YamlNode {
  const { tree, contentEnd } = cursor
  if (atValue(cursor)) {
    if (!isNear(cursor, front)) failSyntax(VALUE_NOT_ALLOWED, cursor.at)
    const { anchor, tag } = front.onLine
    return readMapping(cursor, front, scalar(tree, value, plain, anchor, tag, start, contentEnd))
  }
  if (front.keyAllowed && hasLateColon(cursor, indent)) failSyntax(EXPECTED_KEY, front.keyStart, cursor.at)
  cursor.contentEnd = contentEnd
  const { anchor, tag } = front.onLine === NO_PROPERTIES ? front.own : front.onLine
  return scalar(tree, value, plain, anchor, tag, start, contentEnd)
}

/** A collection or an alias that has been read; it too may be a key. */
function keyOrNode(cursor: Cursor, front: Front, node: YamlNode): YamlNode {
  const { contentEnd } = cursor
  if (atValue(cursor)) {
    return isNear(cursor, front)
      ? readMapping(cursor, front, collectionKey(node))
      : failSyntax(VALUE_NOT_ALLOWED, cursor.at)
  }
  cursor.contentEnd = contentEnd
  return node
}

function readMapping(cursor: Cursor, front: Front, firstKey: YamlScalar): YamlNode {
  const { tree } = cursor
  const start = front.keyStart
  const column = start - front.keyLine
  const open = openCollection(tree, front.own.anchor, start)
  const draft = startMapping()
  let key = firstKey
  for (;;) {
    cursor.at++
    cursor.keyAllowed = false
    addEntry(tree, draft, key, readValue(cursor, column))
    const next = nextColumn(cursor)
    if (next < column) break
    if (next > column) failAtToken(cursor, column, EXPECTED_KEY, start)
    key = readKey(cursor, column, start)
  }
  return closeMapping(tree, open, draft, front.own.tag, {
    file: tree.file,
    start: firstKey.span.start,
    end: cursor.contentEnd,
  })
}

function readValue(cursor: Cursor, column: number): YamlNode {
  const after = cursor.at
  const next = nextColumn(cursor)
  const isHere = next > column || (next === column && (atIndicator(cursor, DASH) || needsNoIndent(cursor)))
  return isHere ? readBlockNode(cursor, column, true) : emptyScalar(cursor, after, NO_PROPERTIES)
}

function emptyScalar(cursor: Cursor, at: number, { anchor, tag }: Properties): YamlScalar {
  cursor.contentEnd = at
  return scalar(cursor.tree, '', true, anchor, tag, at, at)
}

/** Any key but the first: it stands at the mapping's column, so that libyaml insists on its `:`. */
function readKey(cursor: Cursor, column: number, mappingStart: number): YamlScalar {
  const front = frontHere(cursor, NO_PROPERTIES)
  const key = readKeyNode(cursor, column, mappingStart)
  if (atValue(cursor) && isNear(cursor, front)) return key
  if (hasLateColon(cursor, column)) failSyntax(EXPECTED_KEY, mappingStart, cursor.at)
  return failSyntax(EXPECTED_COLON, front.keyStart)
}

function readKeyNode(cursor: Cursor, column: number, mappingStart: number): YamlScalar {
  const keyStart = cursor.at
  const hasProperties = startsWithProperties(cursor)
  const { anchor, tag } = hasProperties ? readProperties(cursor) : NO_PROPERTIES
  const { at: start, tree } = cursor
  if (beginsPlain(cursor))
    return scalar(tree, readPlain(cursor, column), true, anchor, tag, start, cursor.contentEnd)
  if (atQuote(cursor)) return scalar(tree, readQuoted(cursor), false, anchor, tag, start, cursor.at)
  const code = cursor.text.charCodeAt(start)
  if (code === ASTERISK) return collectionKey(readAlias(cursor))
  if (code === OPEN_BRACKET || code === OPEN_BRACE) return readBracketKey(cursor, keyStart, { anchor, tag })
  if (atIndicator(cursor, QUESTION)) leaveToGeneralReader(start)
  refuseCharacter(cursor)
  if (code === PIPE || code === GREATER) readBlockScalar(cursor, column)
  return hasProperties ? failSyntax(EXPECTED_COLON, keyStart) : failSyntax(EXPECTED_KEY, mappingStart, start)
}

function readSequence(cursor: Cursor, indent: number, { anchor, tag }: Properties): YamlNode {
  const { tree } = cursor
  const start = cursor.at
  const column = start - cursor.lineStart
  const open = openCollection(tree, anchor, start)
  const items: YamlNode[] = []
  for (;;) {
    cursor.at++
    cursor.keyAllowed = true
    const after = cursor.at
    const entry = nextColumn(cursor)
    const isHere = entry > column || (entry === column && needsNoIndent(cursor))
    items.push(isHere ? readBlockNode(cursor, column, false) : emptyScalar(cursor, after, NO_PROPERTIES))
    const next = nextColumn(cursor)
    if (next === column && atIndicator(cursor, DASH)) continue
    if (next < column || column === indent) break
    if (isHere) failAtToken(cursor, column, EXPECTED_DASH, start)
    else failAtToken(cursor, column, EXPECTED_BLOCK_CONTENT, cursor.at)
  }
  return closeSequence(tree, open, items, tag, { file: tree.file, start, end: cursor.contentEnd })
}
