import type { YamlEntry, YamlMapping, YamlNode, YamlReference, YamlSequence } from '../../yaml/node.ts'
import { closest } from '../../shared/closest.ts'
import { addProblem, type Reading } from '../report.ts'
import { referenceCycle, referenceMissing, referenceTooDeep } from '../texts.ts'
import { isMapping, isNull } from './nodes.ts'

/**
 * References that lead to references, each to the next; beyond this the chain is refused (our limit, far
 * above any real file).
 */
const LONGEST_CHAIN = 200

/** Keys that are there, but whose content is not known: nothing is said about references to them. */
export type UnknownKeys = ReadonlySet<string>

/**
 * Resolves every `!reference` of a document, hidden keys included, after `extends`. An array put into a list
 * stays a list in the list; whoever reads it flattens it or not. One that could not be resolved stays.
 */
export function resolveReferences(root: YamlMapping, reading: Reading, unknown: UnknownKeys): YamlMapping {
  const done = new Map<YamlNode, YamlNode>()
  const open = new Set<YamlReference>()
  const resolved = resolve(root)
  return isMapping(resolved) ? resolved : root

  function resolve(node: YamlNode): YamlNode {
    if (node.kind === 'scalar') return node
    if (node.kind !== 'reference' && isFlat(node)) return node
    const known = done.get(node)
    if (known !== undefined) return known
    const result =
      node.kind === 'reference'
        ? follow(node)
        : node.kind === 'sequence'
          ? resolveItems(node.items, node)
          : resolveEntries(node)
    done.set(node, result)
    return result
  }

  function resolveItems(items: readonly YamlNode[], node: YamlNode): YamlNode {
    const values = items.map(resolve)
    return values.every((item, index) => item === items[index])
      ? node
      : { kind: 'sequence', items: values, span: node.span }
  }

  function resolveEntries(node: YamlMapping): YamlNode {
    let entries: Map<string, YamlEntry> | undefined
    for (const [key, entry] of node.entries) {
      const value = resolve(entry.value)
      if (value === entry.value) continue
      entries ??= new Map(node.entries)
      entries.set(key, { key: entry.key, value })
    }
    return entries === undefined ? node : { kind: 'mapping', entries, span: node.span }
  }

  function follow(reference: YamlReference): YamlNode {
    if (unknown.has(reference.path[0] ?? '')) return reference
    if (open.has(reference)) {
      addProblem(reading, reference.span, referenceCycle(reference.path))
      return reference
    }
    if (open.size >= LONGEST_CHAIN) {
      addProblem(reading, reference.span, referenceTooDeep(reference.path))
      return reference
    }
    open.add(reference)
    const target = lookUp(reference.path)
    const value = target === undefined ? undefined : resolve(target)
    open.delete(reference)
    if (value !== undefined && !isNull(value)) return value
    addProblem(reading, reference.span, referenceMissing(reference.path), helpFor(reference.path, root))
    return reference
  }

  function lookUp(path: readonly string[]): YamlNode | undefined {
    let node: YamlNode | undefined = root
    for (const key of path) {
      if (node?.kind === 'reference') node = resolve(node)
      node = isMapping(node) ? node.entries.get(key)?.value : undefined
    }
    return node
  }
}

/** The top-level keys with a reference in them that could not be resolved. */
export function keysWithReferences(root: YamlMapping): ReadonlySet<string> {
  const found = new Set<string>()
  for (const [key, { value }] of root.entries) if (holdsReference(value)) found.add(key)
  return found
}

/** Whether a reference stands in a node, at any depth. */
export function holdsReference(node: YamlNode): boolean {
  if (node.kind === 'scalar') return false
  if (node.kind === 'reference') return true
  if (node.kind === 'sequence') return node.items.some(holdsReference)
  for (const { value } of node.entries.values()) if (holdsReference(value)) return true
  return false
}

/** Holds nothing but scalars: not worth remembering. */
function isFlat(node: YamlSequence | YamlMapping): boolean {
  if (node.kind === 'sequence') return node.items.every((item) => item.kind === 'scalar')
  for (const { value } of node.entries.values()) if (value.kind !== 'scalar') return false
  return true
}

function helpFor([key = '', ...rest]: readonly string[], root: YamlMapping): string | undefined {
  const target = root.entries.get(key)?.value
  if (target === undefined) {
    const near = root.entries.has(`.${key}`) ? `.${key}` : closest(key, root.entries.keys())
    return near && `"${near}" exists; is that what is meant?`
  }
  return rest.length > 0 ? `"${key}" exists, but has no ${rest.join(':')}` : undefined
}
