import type { YamlEntry, YamlMapping, YamlNode, YamlScalar } from './node.ts'
import type { Tree } from './tree.ts'

export interface MappingDraft {
  readonly entries: Map<string, YamlEntry>
  /** Keys whose value came from a merge key: writing them again is no mistake. */
  merged: Set<string> | undefined
}

/**
 * Adds a pair as Psych's `revive_hash` does, in document order: a merge key overrides what stands before it and is
 * overridden by what follows; a `<<` whose value is no mapping stays an ordinary key.
 */
export function addEntry(tree: Tree, draft: MappingDraft, key: YamlScalar, value: YamlNode): void {
  if (key.text === '<<' && mergeInto(draft, value, value === tree.lastAlias)) return
  const { entries } = draft
  const earlier = entries.get(key.text)
  if (earlier && !draft.merged?.delete(key.text)) tree.duplicates.push({ key, earlier: earlier.key })
  entries.set(key.text, { key, value })
}

function mergeInto(draft: MappingDraft, value: YamlNode, aliased: boolean): boolean {
  if (value.kind === 'mapping') {
    mergeMapping(draft, value)
    return true
  }
  if (value.kind !== 'sequence' || aliased) return false
  const sources = value.items.filter((item) => item.kind === 'mapping')
  if (sources.length !== value.items.length) return false
  // Psych collects the list from its end into one Hash, so that earlier items win and later ones come first in order.
  const collected = startMapping()
  for (const source of sources.toReversed()) mergeMapping(collected, source)
  mergeMapping(draft, { kind: 'mapping', entries: collected.entries, span: value.span })
  return true
}

function mergeMapping(draft: MappingDraft, source: YamlMapping): void {
  draft.merged ??= new Set()
  for (const [text, entry] of source.entries) {
    draft.entries.set(text, entry)
    draft.merged.add(text)
  }
}

export function startMapping(): MappingDraft {
  return { entries: new Map(), merged: undefined }
}
