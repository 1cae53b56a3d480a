import type { YamlNode } from '../node.ts'
import { EXPECTED_BLOCK_CONTENT, failSyntax } from '../problem.ts'
import type { DocumentText } from '../documents.ts'
import { scalar, type Tree } from '../tree.ts'
import { readBlockNode } from './block.ts'
import { DOT, nextColumn, NUL, toNextToken, type Cursor } from './cursor.ts'
import { scanToken } from './misplaced.ts'

export interface DocumentResult {
  readonly root: YamlNode
  /** Where text begins that Psych no longer looks at; undefined when the document reaches the end. */
  readonly ignoredFrom: number | undefined
}

/**
 * Reads one document of the syntax that CI files use: block and flow collections, all scalar styles, comments, anchors,
 * aliases and tags. What is rarer (explicit keys, collections as keys, directives) ends in a problem of kind `outside`.
 * Errors are libyaml's, where it would report them.
 */
export function readDocument(document: DocumentText, tree: Tree): DocumentResult {
  const cursor: Cursor = {
    text: `${document.text}\0`,
    tree,
    at: document.start,
    lineStart: document.lineStart,
    flowLevel: 0,
    requiredKey: -1,
    keyAllowed: !document.explicit,
    contentEnd: document.start,
  }
  const root = readRoot(cursor, document.explicit)
  const column = nextColumn(cursor)
  if (column < 0) skipDocumentEnd(cursor)
  const rest = cursor.at
  if (column >= 0) scanToken(cursor, -1)
  return { root, ignoredFrom: cursor.text.charCodeAt(rest) === NUL ? undefined : rest }
}

function skipDocumentEnd(cursor: Cursor): void {
  if (cursor.text.charCodeAt(cursor.at) !== DOT) return
  cursor.at += 3
  toNextToken(cursor)
}

function readRoot(cursor: Cursor, explicit: boolean): YamlNode {
  if (nextColumn(cursor) >= 0) return readBlockNode(cursor, -1, false)
  if (!explicit && cursor.text.charCodeAt(cursor.at) === DOT) failSyntax(EXPECTED_BLOCK_CONTENT, cursor.at)
  return scalar(cursor.tree, '', true, undefined, undefined, cursor.at, cursor.at)
}
