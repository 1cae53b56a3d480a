import type { Span } from '../shared/diagnostic.ts'
import type { YamlLimits } from './limits.ts'
import type { YamlMapping, YamlNode, YamlReference, YamlScalar, YamlSequence } from './node.ts'
import { failTooBig } from './problem.ts'
import type { MappingDraft } from './merge.ts'
import { isPlainlyString, psychScalar, type PsychScalar } from './psych-scalars.ts'
import { mappingClass, sequenceClass, taggedScalar } from './psych-tags.ts'
import { inspect } from './inspect.ts'

/** What both readers build one document with: the meaning of scalars, tags, anchors and merge keys, and the size so far. */
export interface Tree {
  readonly file: string
  readonly limits: YamlLimits
  readonly anchors: Map<string, Anchored>
  /** Nodes so far, with every alias written out. */
  size: number
  depth: number
  /** Deepest level since the innermost open anchor. */
  deepest: number
  lastAlias: YamlNode | undefined
  /** Psych first reads the whole document, then loads it: a class or alias it refuses counts only when the syntax is sound. */
  refusal: Refusal | undefined
  readonly duplicates: { readonly key: YamlScalar; readonly earlier: YamlScalar }[]
}

export interface Refusal {
  readonly code: string
  readonly message: string
  readonly span: Span
}

interface Anchored {
  /** Undefined while the node is being read: an alias to it is then a circle. */
  node: YamlNode | undefined
  size: number
  height: number
}

export function startTree(file: string, limits: YamlLimits): Tree {
  return {
    file,
    limits,
    anchors: new Map(),
    size: 0,
    depth: 0,
    deepest: 0,
    lastAlias: undefined,
    refusal: undefined,
    duplicates: [],
  }
}

/** A collection that is being read. */
export interface OpenCollection {
  readonly record: Anchored | undefined
  readonly deepestOutside: number
}

const WITHOUT_ANCHOR: OpenCollection = { record: undefined, deepestOutside: 0 }

export function openCollection(tree: Tree, anchor: string | undefined, start: number): OpenCollection {
  count(tree, 1, start)
  tree.depth++
  checkDepth(tree, tree.depth, start)
  if (anchor === undefined) return WITHOUT_ANCHOR
  const record: Anchored = { node: undefined, size: tree.size - 1, height: 0 }
  const deepestOutside = tree.deepest
  tree.anchors.set(anchor, record)
  tree.deepest = tree.depth
  return { record, deepestOutside }
}

function closeCollection<T extends YamlNode>(tree: Tree, open: OpenCollection, node: T): T {
  tree.depth--
  const { record } = open
  if (record) {
    record.node = node
    record.size = tree.size - record.size
    record.height = tree.deepest - tree.depth
    tree.deepest = Math.max(tree.deepest, open.deepestOutside)
  }
  return node
}

export function closeSequence(
  tree: Tree,
  open: OpenCollection,
  items: readonly YamlNode[],
  tag: string | undefined,
  span: Span,
): YamlSequence | YamlReference {
  if (tag === '!reference') return closeCollection(tree, open, reference(tree, items, span))
  const refused = tag === undefined ? undefined : sequenceClass(tag)
  if (refused !== undefined) refuseClass(tree, refused, span)
  return closeCollection(tree, open, { kind: 'sequence', items, span })
}

export function closeMapping(
  tree: Tree,
  open: OpenCollection,
  draft: MappingDraft,
  tag: string | undefined,
  span: Span,
): YamlMapping {
  const refused = tag === undefined ? undefined : mappingClass(tag)
  if (refused !== undefined) refuseClass(tree, refused, span)
  const node: YamlMapping = { kind: 'mapping', entries: draft.entries, span }
  if (tag === '!reference') refuseReference(tree, inspect(node), span)
  return closeCollection(tree, open, node)
}

/** A scalar as written; `plain` means without quotes and not a block scalar. */
export function scalar(
  tree: Tree,
  text: string,
  plain: boolean,
  anchor: string | undefined,
  tag: string | undefined,
  start: number,
  end: number,
): YamlScalar {
  count(tree, 1, start)
  const span = { file: tree.file, start, end }
  const node =
    tag === undefined && (!plain || isPlainlyString(text))
      ? stringScalar(text, span)
      : typedScalar(tree, text, plain, tag, span)
  if (anchor !== undefined) tree.anchors.set(anchor, { node, size: 1, height: 0 })
  return node
}

function stringScalar(text: string, span: Span): YamlScalar {
  return { kind: 'scalar', value: text, text, span }
}

function typedScalar(
  tree: Tree,
  text: string,
  plain: boolean,
  tag: string | undefined,
  span: Span,
): YamlScalar {
  if (tag === '!reference') refuseReference(tree, plain && text === '' ? 'nil' : JSON.stringify(text), span)
  const result: PsychScalar =
    tag === undefined || (tag === '!' && plain) ? psychScalar(text) : taggedScalar(text, tag)
  if (result.kind === 'value') return { kind: 'scalar', value: result.value, text: result.text, span }
  refuse(tree, { code: 'yaml.class_refused', message: result.message, span })
  return stringScalar(text, span)
}

/** `*name`: the very node of the anchor. Unknown names and circles end in the document's refusal. */
export function alias(tree: Tree, name: string, span: Span): YamlNode {
  const found = tree.anchors.get(name)
  if (!found)
    return refuseAlias(tree, { code: 'yaml.unknown_alias', message: `Unknown alias: ${name}`, span })
  if (!found.node)
    return refuseAlias(tree, { code: 'yaml.too_big', message: 'The parsed YAML is too big', span })
  count(tree, found.size, span.start)
  checkDepth(tree, tree.depth + found.height, span.start)
  tree.lastAlias = found.node
  return found.node
}

function refuseAlias(tree: Tree, refusal: Refusal): YamlScalar {
  refuse(tree, refusal)
  return { kind: 'scalar', value: null, text: '', span: refusal.span }
}

/** A collection used as a key: Ruby would keep the collection itself, GitLab then refuses the name. */
export function collectionKey(node: YamlNode): YamlScalar {
  return node.kind === 'scalar' ? node : { kind: 'scalar', value: null, text: inspect(node), span: node.span }
}

function reference(tree: Tree, items: readonly YamlNode[], span: Span): YamlReference {
  const path = items.flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : [],
  )
  if (path.length === 0 || path.length < items.length)
    refuseReference(tree, inspect({ kind: 'sequence', items, span }), span)
  return { kind: 'reference', path, span }
}

function refuseReference(tree: Tree, shown: string, span: Span): void {
  refuse(tree, { code: 'yaml.reference_invalid', message: `!reference ${shown} is not valid`, span })
}

function refuseClass(tree: Tree, name: string, span: Span): void {
  refuse(tree, { code: 'yaml.class_refused', message: `Tried to load unspecified class: ${name}`, span })
}

function refuse(tree: Tree, refusal: Refusal): void {
  tree.refusal ??= refusal
}

function count(tree: Tree, nodes: number, place: number): void {
  tree.size += nodes
  if (tree.size > tree.limits.nodes) failTooBig(place)
}

function checkDepth(tree: Tree, depth: number, place: number): void {
  if (depth > tree.deepest) tree.deepest = depth
  if (depth > tree.limits.depth) failTooBig(place)
}
