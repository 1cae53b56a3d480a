import { err, ok, type Result } from '../../shared/result.ts'
import type { YamlNode } from '../../yaml/node.ts'
import type { Finding } from '../texts.ts'
import { accessTooLong, badAccess, badIndex, unknownKey } from './texts.ts'

/** What the first word of an access names: `inputs`, `component`. */
export type AccessContext = ReadonlyMap<string, ReadonlyMap<string, YamlNode>>

const MOST_BYTES = 1024
const MOST_PARTS = 5
const MOST_INDICES = 5

/** `inputs.name`, `inputs.list[0]`, `component.sha`: the value it leads to. */
export function evaluateAccess(text: string, context: AccessContext): Result<YamlNode, Finding> {
  const parts = splitAtDots(text)
  if (parts.length <= 1) return err(badAccess)
  if (Buffer.byteLength(text) > MOST_BYTES) return err(accessTooLong)
  const [first = '', ...rest] = parts
  const values = context.get(first)
  if (values === undefined) return err(unknownKey(first))
  let current: ReadonlyMap<string, YamlNode> | YamlNode = values
  for (const part of rest) {
    const step = follow(current, part, text)
    if (!step.ok) return step
    current = step.value
  }
  return 'kind' in current ? ok(current) : err(badAccess)
}

/** Ruby's `split('.', 5)`: the fifth part keeps its dots. */
function splitAtDots(text: string): string[] {
  const parts = text.split('.')
  return parts.length <= MOST_PARTS
    ? parts
    : [...parts.slice(0, MOST_PARTS - 1), parts.slice(MOST_PARTS - 1).join('.')]
}

function follow(
  from: ReadonlyMap<string, YamlNode> | YamlNode,
  part: string,
  text: string,
): Result<YamlNode, Finding> {
  if (!part.includes('[')) return child(from, part)
  const indexed = /^([\w-]*)((?:\[\d+\])+)$/.exec(part)
  if (!indexed) return err(badIndex(whyNoIndex(part, text)))
  const [, key = '', brackets = ''] = indexed
  if (key === '') return err(badIndex(`invalid indexed access without a key in \`${text}\``))
  const indices = Array.from(brackets.matchAll(/\d+/g), ([digits]) => Number(digits))
  if (indices.length > MOST_INDICES) {
    return err(badIndex(`too many array indices in \`${text}\` (maximum depth: ${MOST_INDICES})`))
  }
  let node = child(from, key)
  for (const index of indices) node = node.ok ? itemAt(node.value, index, text) : node
  return node
}

function child(from: ReadonlyMap<string, YamlNode> | YamlNode, key: string): Result<YamlNode, Finding> {
  const found =
    'kind' in from ? (from.kind === 'mapping' ? from.entries.get(key)?.value : undefined) : from.get(key)
  return found === undefined ? err(unknownKey(key)) : ok(found)
}

function itemAt(node: YamlNode, index: number, text: string): Result<YamlNode, Finding> {
  if (node.kind !== 'sequence') {
    return err(badIndex(`cannot index into non-array value at [${index}] in \`${text}\``))
  }
  const item = node.items[index]
  if (item !== undefined) return ok(item)
  return err(badIndex(`array index ${index} out of bounds (size: ${node.items.length}) in \`${text}\``))
}

function whyNoIndex(part: string, text: string): string {
  const count = (bracket: string): number => part.split(bracket).length
  if (count('[') !== count(']')) return `invalid array index in \`${text}\`: missing closing bracket`
  const wrong = Array.from(part.matchAll(/\[([^\]]*)\]/g), ([, inside = '']) => inside).find(
    (inside) => !/^\d+$/.test(inside),
  )
  return wrong === undefined
    ? `invalid array index syntax in \`${text}\``
    : `invalid array index in \`${text}\`: \`${wrong}\` is not a valid index`
}
