import type { Alias, Document, Node, Scalar, YAMLError, YAMLMap, YAMLSeq } from 'yaml'
import type { DocumentText } from '../documents.ts'
import type { YamlNode } from '../node.ts'
import { failSyntax, failTooBig } from '../problem.ts'
import type { DocumentResult } from '../reader/document.ts'
import { addEntry, startMapping } from '../merge.ts'
import {
  alias,
  closeMapping,
  closeSequence,
  collectionKey,
  openCollection,
  scalar,
  type Tree,
} from '../tree.ts'
import { yamlPackage } from './package.ts'
import { translate } from './translate.ts'

/** Reads one document of any syntax with the `yaml` package; what scalars, tags and merge keys mean is still ours. */
export function readGeneral(document: DocumentText, tree: Tree): DocumentResult {
  const base = document.lineStart
  const source = document.text.slice(base)
  const composed = compose(source, base, tree.limits.depth)
  const problem = composed?.errors[0]
  if (problem) failTranslated(problem, base)
  const walk: Walk = { text: document.text, base, tree, end: base }
  const contents = composed?.contents
  const root = contents
    ? convert(walk, contents)
    : scalar(tree, '', true, undefined, undefined, document.start, document.start)
  return { root, ignoredFrom: undefined }
}

function failTranslated(problem: YAMLError, base: number): never {
  if (problem.code === 'RESOURCE_EXHAUSTION') failTooBig(base + problem.pos[0])
  return failSyntax(translate(problem), base + problem.pos[0])
}

/** The first document. The package would end the whole process on brackets nested deep enough, so the depth is watched token by token. */
function compose(source: string, base: number, depth: number): Document.Parsed | undefined {
  const { Composer, Lexer, Parser } = yamlPackage()
  const parser = new Parser()
  const tokens: ReturnType<typeof parser.next> extends Generator<infer T> ? T[] : never = []
  for (const lexeme of new Lexer().lex(source)) {
    tokens.push(...parser.next(lexeme))
    // A collection and its key or value are at most two entries of the stack.
    if (parser.stack.length > depth * 3 + 10) failTooBig(base + parser.offset)
  }
  tokens.push(...parser.end())
  // Duplicate keys are ours to judge, and checking them costs quadratic time there.
  const composer = new Composer({
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    keepSourceTokens: true,
    logLevel: 'silent',
  })
  for (const document of composer.compose(tokens, true, base + source.length)) return document
  return undefined
}

interface Walk {
  readonly text: string
  readonly base: number
  readonly tree: Tree
  /** Where the node read last ends. The package counts comments behind a block collection as part of it. */
  end: number
}

function convert(walk: Walk, node: Node): YamlNode {
  const { isAlias, isMap, isScalar, isSeq } = yamlPackage()
  if (isAlias(node)) return convertAlias(walk, node)
  if (isScalar(node)) return convertScalar(walk, node)
  if (isMap(node)) return convertMapping(walk, node)
  return isSeq(node)
    ? convertSequence(walk, node)
    : failSyntax('did not find expected node content while parsing a block node', walk.base)
}

function convertAlias(walk: Walk, node: Alias): YamlNode {
  const { base, tree } = walk
  const [start, end] = rangeOf(node)
  walk.end = base + end
  return alias(tree, node.source, { file: tree.file, start: base + start, end: walk.end })
}

function convertScalar(walk: Walk, node: Scalar): YamlNode {
  const { base, text, tree } = walk
  const plain = node.type === undefined || node.type === 'PLAIN'
  const [from, to] = rangeOf(node)
  // The package puts an empty scalar behind the blanks that follow its indicator, and counts the blanks behind block scalars.
  walk.end = trimmedEnd(text, base + to)
  const start = from === to ? walk.end : base + from
  return scalar(tree, textOf(walk, node, base + to), plain, node.anchor, node.tag, start, walk.end)
}

/** The package adds the line break that the last line of a file may lack; libyaml does not. */
function textOf({ text }: Walk, { type, value }: Scalar, end: number): string {
  if (typeof value !== 'string') return ''
  const lacksBreak = type?.startsWith('BLOCK') === true && end === text.length && !/[\r\n]$/.test(text)
  return lacksBreak ? value.replace(/\n$/, '') : value
}

function convertSequence(walk: Walk, node: YAMLSeq): YamlNode {
  const [start, end] = rangeOf(node)
  const open = openCollection(walk.tree, node.anchor, walk.base + start)
  const items = node.items.map((item) => convertPart(walk, item))
  if (node.flow) walk.end = walk.base + end
  return closeSequence(walk.tree, open, items, node.tag, spanFrom(walk, start))
}

function convertMapping(walk: Walk, node: YAMLMap): YamlNode {
  const [start, end] = rangeOf(node)
  const open = openCollection(walk.tree, node.anchor, walk.base + start)
  const draft = startMapping()
  for (const { key, value } of node.items) {
    addEntry(walk.tree, draft, collectionKey(convertPart(walk, key)), convertPart(walk, value))
  }
  if (node.flow && walk.text.charAt(walk.base + start) === '{') walk.end = walk.base + end
  return closeMapping(walk.tree, open, draft, node.tag, spanFrom(walk, start))
}

function convertPart(walk: Walk, part: unknown): YamlNode {
  const { isNode } = yamlPackage()
  return isNode(part)
    ? convert(walk, part)
    : scalar(walk.tree, '', true, undefined, undefined, walk.end, walk.end)
}

function rangeOf(node: Node): readonly [number, number] {
  return node.range ? [node.range[0], node.range[1]] : [0, 0]
}

function spanFrom({ base, end, tree }: Walk, start: number): YamlNode['span'] {
  return { file: tree.file, start: base + start, end }
}

function trimmedEnd(text: string, end: number): number {
  let at = end
  while (at > 0 && ' \t\r\n'.includes(text.charAt(at - 1))) at--
  return at
}
