import { addEntry, startMapping } from '../merge.ts'
import type { YamlMapping, YamlNode } from '../node.ts'
import {
  EXPECTED_BRACE,
  EXPECTED_BRACKET,
  EXPECTED_FLOW_CONTENT,
  failSyntax,
  leaveToGeneralReader,
  NO_TOKEN,
} from '../problem.ts'
import {
  AMPERSAND,
  ASTERISK,
  AT,
  atDocumentMark,
  atIndicator,
  BACKTICK,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  type Cursor,
  DASH,
  DOUBLE_QUOTE,
  EXCLAMATION,
  GREATER,
  OPEN_BRACE,
  OPEN_BRACKET,
  PERCENT,
  PIPE,
  QUESTION,
  SINGLE_QUOTE,
  toNextToken,
} from './cursor.ts'
import { readPlain } from './plain.ts'
import { NO_PROPERTIES, type Properties, readAlias, readProperties } from './properties.ts'
import { readQuoted } from './quoted.ts'
import { closeMapping, closeSequence, collectionKey, openCollection, scalar } from '../tree.ts'

/** libyaml forgets that something may be a key when its `:` is further away than this, or on another line. */
export const LONGEST_KEY = 1024

/** Reads `[...]` or `{...}`; leaves the cursor behind it. */
export function readFlow(cursor: Cursor, properties: Properties): YamlNode {
  const isMapping = cursor.text.charCodeAt(cursor.at) === OPEN_BRACE
  cursor.flowLevel++
  const node = isMapping ? readFlowMapping(cursor, properties) : readFlowSequence(cursor, properties)
  cursor.flowLevel--
  cursor.keyAllowed = false
  cursor.contentEnd = cursor.at
  return node
}

function readFlowSequence(cursor: Cursor, { anchor, tag }: Properties): YamlNode {
  const { tree } = cursor
  const start = cursor.at
  const open = openCollection(tree, anchor, start)
  const items: YamlNode[] = []
  while (nextEntry(cursor, start, items.length === 0, CLOSE_BRACKET, EXPECTED_BRACKET)) {
    const from = cursor.at
    const item = readFlowNode(cursor)
    items.push(item.isKey ? readSinglePair(cursor, item.node, from) : item.node)
  }
  return closeSequence(tree, open, items, tag, { file: tree.file, start, end: cursor.at })
}

/** `[a: b]`: a mapping of one pair. */
function readSinglePair(cursor: Cursor, key: YamlNode, start: number): YamlMapping {
  const { tree } = cursor
  const open = openCollection(tree, undefined, start)
  const draft = startMapping()
  addEntry(tree, draft, collectionKey(key), readFlowValue(cursor))
  return closeMapping(tree, open, draft, undefined, { file: tree.file, start, end: cursor.contentEnd })
}

function readFlowMapping(cursor: Cursor, { anchor, tag }: Properties): YamlNode {
  const { tree } = cursor
  const start = cursor.at
  const open = openCollection(tree, anchor, start)
  const draft = startMapping()
  let first = true
  while (nextEntry(cursor, start, first, CLOSE_BRACE, EXPECTED_BRACE)) {
    first = false
    const key = readFlowNode(cursor)
    const keyEnd = cursor.contentEnd
    const value = key.isKey
      ? readFlowValue(cursor)
      : scalar(tree, '', true, undefined, undefined, keyEnd, keyEnd)
    addEntry(tree, draft, collectionKey(key.node), value)
  }
  return closeMapping(tree, open, draft, tag, { file: tree.file, start, end: cursor.at })
}

/** Steps over the opening bracket or a comma to the next entry; false when the collection is closed. */
function nextEntry(
  cursor: Cursor,
  start: number,
  first: boolean,
  closing: number,
  complaint: string,
): boolean {
  const { text } = cursor
  if (first) cursor.at++
  else toNextToken(cursor)
  if (!first && text.charCodeAt(cursor.at) === COMMA) cursor.at++
  else if (!first && text.charCodeAt(cursor.at) !== closing) failAtSeparator(cursor, start, complaint)
  cursor.keyAllowed = true
  toNextToken(cursor)
  if (text.charCodeAt(cursor.at) !== closing) return true
  cursor.at++
  return false
}

function failAtSeparator(cursor: Cursor, start: number, complaint: string): never {
  refuseCharacter(cursor)
  return failSyntax(complaint, start, cursor.at)
}

/** What follows the `:` of a pair. */
function readFlowValue(cursor: Cursor): YamlNode {
  cursor.at++
  const after = cursor.at
  cursor.keyAllowed = false
  toNextToken(cursor)
  const code = cursor.text.charCodeAt(cursor.at)
  if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) {
    cursor.contentEnd = after
    return scalar(cursor.tree, '', true, undefined, undefined, after, after)
  }
  return readFlowNode(cursor).node
}

interface FlowNode {
  readonly node: YamlNode
  /** The cursor stands at the `:` behind it. */
  readonly isKey: boolean
}

function readFlowNode(cursor: Cursor): FlowNode {
  const { text } = cursor
  const start = cursor.at
  const { lineStart, keyAllowed } = cursor
  const code = text.charCodeAt(start)
  const hasProperties = code === AMPERSAND || code === EXCLAMATION
  const properties = hasProperties ? readProperties(cursor) : NO_PROPERTIES
  if (hasProperties) toNextToken(cursor)
  const node = readFlowContent(cursor, properties, hasProperties)
  const { contentEnd } = cursor
  toNextToken(cursor)
  cursor.contentEnd = contentEnd
  const isKey =
    keyAllowed &&
    text.charCodeAt(cursor.at) === COLON &&
    lineStart === cursor.lineStart &&
    cursor.at - start <= LONGEST_KEY
  return { node, isKey }
}

function readFlowContent(cursor: Cursor, properties: Properties, hasProperties: boolean): YamlNode {
  const { text, tree } = cursor
  const start = cursor.at
  const { anchor, tag } = properties
  switch (text.charCodeAt(start)) {
    case OPEN_BRACKET:
    case OPEN_BRACE:
      return readFlow(cursor, properties)
    case SINGLE_QUOTE:
    case DOUBLE_QUOTE:
      return scalar(tree, readQuoted(cursor), false, anchor, tag, start, cursor.at)
    case ASTERISK:
      if (!hasProperties) return readAlias(cursor)
      break
    case QUESTION:
      return leaveToGeneralReader(start)
  }
  refuseCharacter(cursor)
  if (!beginsPlainInFlow(cursor)) {
    if (!hasProperties) failSyntax(EXPECTED_FLOW_CONTENT, start)
    return scalar(tree, '', true, anchor, tag, cursor.contentEnd, cursor.contentEnd)
  }
  const value = readPlain(cursor, -1)
  return scalar(tree, value, true, anchor, tag, start, cursor.contentEnd)
}

function beginsPlainInFlow(cursor: Cursor): boolean {
  const character = cursor.text.charAt(cursor.at)
  return !',[]{}&*!:\0'.includes(character) && !atIndicator(cursor, DASH) && !atDocumentMark(cursor)
}

/** libyaml: these begin no token inside brackets. */
function refuseCharacter(cursor: Cursor): void {
  const code = cursor.text.charCodeAt(cursor.at)
  if (code === AT || code === BACKTICK || code === PERCENT || code === PIPE || code === GREATER)
    failSyntax(NO_TOKEN, cursor.at)
}
