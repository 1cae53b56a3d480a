import type { Span } from '../../shared/diagnostic.ts'
import type { YamlEntry, YamlMapping, YamlNode, YamlScalar } from '../../yaml/node.ts'
import type { Finding } from '../texts.ts'
import { type BlockContext, evaluateBlock, findBlocks, type FoundBlock, staysForLater } from './block.ts'
import { configTooLarge, nodeTooLarge, tooManyBlocks } from './texts.ts'
import { printed, textScalar } from './value.ts'

/** GitLab: `Interpolation::Config::MAX_NODE_SIZE`, `Template::MAX_BLOCKS`. */
const MOST_TEXT_BYTES = 1024 * 1024
const MOST_BLOCKS = 10_000
/** Ours: what all blocks of a file may grow its text by. */
const MOST_GROWTH = 16 * 1024 * 1024

export interface Interpolated {
  readonly node: YamlMapping
  /** Block by block what it became: two readings of a file with equal lists give equal documents. */
  readonly values: readonly (readonly [block: string, value: string])[]
}

interface Work {
  readonly context: BlockContext
  readonly complain: (span: Span, finding: Finding) => void
  /** By the text of the block; undefined: it is wrong, and was reported. */
  readonly blocks: Map<string, YamlNode | undefined>
  readonly done: Map<YamlNode, YamlNode>
  growth: number
  stopped: boolean
}

/**
 * Puts values in place of the blocks in keys and values. A scalar that is one block and nothing else becomes the
 * value itself, of whatever type; inside a longer text a value is printed. Every node keeps its place, what comes out
 * of a block has that of the block. Undefined when a block was wrong.
 */
export function interpolate(
  body: YamlMapping,
  context: BlockContext,
  complain: Work['complain'],
): Interpolated | undefined {
  const work: Work = { context, complain, blocks: new Map(), done: new Map(), growth: 0, stopped: false }
  const node = mapping(body, work)
  const failed = work.stopped || [...work.blocks.values()].includes(undefined)
  if (failed) return undefined
  const values = Array.from(work.blocks, ([block, value]) => [block, value ? shown(value) : ''] as const)
  return { node, values }
}

function shown(node: YamlNode): string {
  return `${node.kind === 'scalar' ? typeof node.value : node.kind} ${printed(node)}`
}

function replaced(node: YamlNode, work: Work): YamlNode {
  if (work.stopped || node.kind === 'reference') return node
  if (node.kind === 'scalar') return scalar(node, work)
  const known = work.done.get(node)
  if (known !== undefined) return known
  const result = node.kind === 'sequence' ? sequence(node, work) : mapping(node, work)
  work.done.set(node, result)
  return result
}

function sequence(node: Extract<YamlNode, { kind: 'sequence' }>, work: Work): YamlNode {
  const items = node.items.map((item) => replaced(item, work))
  return items.every((item, index) => item === node.items[index])
    ? node
    : { kind: 'sequence', items, span: node.span }
}

function mapping(node: YamlMapping, work: Work): YamlMapping {
  let changed = false
  const entries = new Map<string, YamlEntry>()
  for (const [text, entry] of node.entries) {
    const key = keyOf(entry.key, work)
    const value = replaced(entry.value, work)
    changed ||= key !== entry.key || value !== entry.value
    entries.set(
      key === entry.key ? text : key.text,
      key === entry.key && value === entry.value ? entry : { key, value },
    )
  }
  return changed ? { kind: 'mapping', entries, span: node.span } : node
}

function keyOf(key: YamlScalar, work: Work): YamlScalar {
  const value = scalar(key, work)
  return value === key ? key : textScalar(printed(value), key.span)
}

function scalar(node: YamlScalar, work: Work): YamlNode {
  if (typeof node.value !== 'string') return node
  const text = node.value
  if (text.length > MOST_TEXT_BYTES / 4 && Buffer.byteLength(text) > MOST_TEXT_BYTES) {
    return stop(node, nodeTooLarge, work)
  }
  if (!text.includes('$[[')) return node
  const blocks = findBlocks(text)
  const [first] = blocks
  if (first === undefined) return node
  if (blocks.length === 1 && first.start === 0 && first.end === text.length) {
    return staysForLater(first.data) ? node : (valueOf(first, text, node, work) ?? node)
  }
  return textScalar(joined(text, blocks, node, work), node.span)
}

function joined(text: string, blocks: readonly FoundBlock[], node: YamlScalar, work: Work): string {
  let result = ''
  let copied = 0
  for (const block of blocks) {
    if (work.stopped) return text
    result += text.slice(copied, block.start)
    copied = block.end
    const value = staysForLater(block.data) ? undefined : valueOf(block, text, node, work)
    const part = value === undefined ? text.slice(block.start, block.end) : printed(value)
    work.growth += part.length
    if (work.growth > MOST_GROWTH) stop(node, configTooLarge, work)
    result += part
  }
  return result + text.slice(copied)
}

/** The same block is looked at once and, when it is wrong, reported once. */
function valueOf(block: FoundBlock, text: string, node: YamlScalar, work: Work): YamlNode | undefined {
  const written = text.slice(block.start, block.end)
  if (work.blocks.has(written)) return placed(work.blocks.get(written), node)
  if (work.blocks.size >= MOST_BLOCKS) {
    stop(node, tooManyBlocks, work)
    return undefined
  }
  const value = evaluateBlock(block.data, work.context)
  work.blocks.set(written, value.ok ? value.value : undefined)
  if (value.ok) return placed(value.value, node)
  for (const finding of value.error) work.complain(node.span, finding)
  return undefined
}

/** A scalar stands where its block is written; the parts of a list keep the places where they were given. */
function placed(value: YamlNode | undefined, { span }: YamlScalar): YamlNode | undefined {
  return value === undefined ? undefined : { ...value, span }
}

function stop(node: YamlScalar, finding: Finding, work: Work): YamlNode {
  if (!work.stopped) work.complain(node.span, finding)
  work.stopped = true
  return node
}
