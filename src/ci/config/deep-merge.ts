import type { YamlEntry, YamlMapping, YamlNode } from '../../yaml/node.ts'
import { isMapping } from './nodes.ts'

/**
 * GitLab's deep merge: where both sides have a hash it goes on inside, anything else of `over` wins, null and
 * empty values too. Keys keep the order of `under`; new ones follow. The result carries the place of `over`.
 */
export function deepMerge(under: YamlMapping, over: YamlMapping): YamlMapping {
  if (under.entries.size === 0) return over
  const entries = new Map<string, YamlEntry>(under.entries)
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)
    entries.set(
      key,
      below === undefined ? entry : { key: entry.key, value: mergeValues(below.value, entry.value) },
    )
  }
  return { kind: 'mapping', entries, span: over.span }
}

function mergeValues(under: YamlNode, over: YamlNode): YamlNode {
  return under !== over && isMapping(under) && isMapping(over) ? deepMerge(under, over) : over
}
