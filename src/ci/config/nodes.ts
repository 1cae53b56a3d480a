import type { YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence } from '../../yaml/node.ts'

export type StringScalar = YamlScalar & { readonly value: string }
export type NumberScalar = YamlScalar & { readonly value: number }

export function isString(node: YamlNode | undefined): node is StringScalar {
  return node?.kind === 'scalar' && typeof node.value === 'string'
}

export function isBoolean(node: YamlNode | undefined): node is YamlScalar & { readonly value: boolean } {
  return node?.kind === 'scalar' && typeof node.value === 'boolean'
}

export function isNumber(node: YamlNode | undefined): node is NumberScalar {
  return node?.kind === 'scalar' && typeof node.value === 'number'
}

/** Ruby's Integer: `2`, and not `2.0`, whose text keeps the point. */
export function isInteger(node: YamlNode | undefined): node is NumberScalar {
  return isNumber(node) && isWhole(node)
}

export function isWhole(node: NumberScalar): boolean {
  return Number.isInteger(node.value) && !node.text.includes('.')
}

/** Absent or null: GitLab takes both for "not specified". */
export function isNull(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null)
}

/** Rails' `blank?`: null, false, whitespace, an empty list or hash. */
export function isBlank(node: YamlNode | undefined): boolean {
  if (node === undefined) return true
  if (node.kind === 'scalar') {
    return (
      node.value === null ||
      node.value === false ||
      (typeof node.value === 'string' && node.value.trim() === '')
    )
  }
  if (node.kind === 'sequence') return node.items.length === 0
  return node.kind === 'mapping' && node.entries.size === 0
}

export function isMapping(node: YamlNode | undefined): node is YamlMapping {
  return node?.kind === 'mapping'
}

export function isSequence(node: YamlNode | undefined): node is YamlSequence {
  return node?.kind === 'sequence'
}

/** The value under a key, when it is written and not null. */
export function child(mapping: YamlMapping, key: string): YamlNode | undefined {
  const entry = mapping.entries.get(key)
  return entry === undefined || isNull(entry.value) ? undefined : entry.value
}

/** The texts of a flat list of strings; undefined when it is anything else. */
export function strings(node: YamlNode): string[] | undefined {
  if (!isSequence(node)) return undefined
  const texts: string[] = []
  for (const item of node.items) {
    if (!isString(item)) return undefined
    texts.push(item.value)
  }
  return texts
}

/**
 * The leaves of lists in lists, depth first; undefined below the tenth level (GitLab:
 * `nested_array_of_strings`, max_level 10).
 */
export function leaves(node: YamlSequence, levels = 10): YamlNode[] | undefined {
  if (levels === 0) return undefined
  const found: YamlNode[] = []
  for (const item of node.items) {
    if (!isSequence(item)) {
      found.push(item)
      continue
    }
    const inner = leaves(item, levels - 1)
    if (inner === undefined) return undefined
    for (const leaf of inner) found.push(leaf)
  }
  return found
}

/** The entries whose key is none of these, in order. */
export function entriesBeyond(mapping: YamlMapping, known: (key: string) => boolean): YamlEntry[] {
  const beyond: YamlEntry[] = []
  for (const [key, entry] of mapping.entries) if (!known(key)) beyond.push(entry)
  return beyond
}

/** A node as plain data, which JSON can hold. */
function plainOf(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'sequence':
      return node.items.map(plainOf)
    case 'mapping':
      return plainHash(node)
    case 'reference':
      return null
  }
}

export function plainHash({ entries }: YamlMapping): Record<string, unknown> {
  return Object.fromEntries(Array.from(entries, ([key, { value }]) => [key, plainOf(value)]))
}
