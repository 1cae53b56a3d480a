import type { YamlEntry, YamlMapping } from '../../yaml/node.ts'
import { deepMerge } from '../config/deep-merge.ts'
import { isMapping } from '../config/nodes.ts'

/** Deep-merges documents in order: a later one wins. One map is filled, however many there are. */
export function mergeDocuments(documents: readonly YamlMapping[], last: YamlMapping): YamlMapping {
  if (documents.length === 0) return last
  const entries = new Map<string, YamlEntry>()
  for (const document of [...documents, last]) {
    for (const [key, entry] of document.entries) {
      const below = entries.get(key)?.value
      const merged = isMapping(below) && isMapping(entry.value) && below !== entry.value
      entries.set(key, merged ? { key: entry.key, value: deepMerge(below, entry.value) } : entry)
    }
  }
  return { kind: 'mapping', entries, span: last.span }
}

export function without(document: YamlMapping, key: string): YamlMapping {
  if (!document.entries.has(key)) return document
  const entries = new Map(document.entries)
  entries.delete(key)
  return { kind: 'mapping', entries, span: document.span }
}
