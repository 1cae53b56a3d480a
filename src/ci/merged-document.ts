import type { YamlEntry, YamlMapping, YamlNode } from '../yaml/node.ts'
import { isSequence } from './config/nodes.ts'

const EDGES = ['.pre', '.post']

/**
 * What GitLab prints as `merged_yaml` (`Gitlab::Ci::Config#to_hash`): includes merged, `extends` and references
 * resolved, hidden jobs and the key `extends` kept, `include` gone, `.pre` and `.post` around written stages.
 */
export function mergedDocument(resolved: YamlMapping): YamlMapping {
  const entries = new Map<string, YamlEntry>()
  for (const [key, entry] of resolved.entries) {
    if (key === 'include') continue
    entries.set(key, key === 'stages' ? { key: entry.key, value: withEdges(entry.value) } : entry)
  }
  return { kind: 'mapping', entries, span: resolved.span }
}

/** GitLab: `EdgeStagesInjector`; an empty list stays empty, and so does what is no list. */
function withEdges(stages: YamlNode): YamlNode {
  if (!isSequence(stages) || stages.items.length === 0) return stages
  const isEdge = (item: YamlNode): boolean => item.kind === 'scalar' && EDGES.includes(item.text)
  const edge = (text: string): YamlNode => ({ kind: 'scalar', value: text, text, span: stages.span })
  const between = stages.items.filter((item) => !isEdge(item))
  return { kind: 'sequence', items: [edge('.pre'), ...between, edge('.post')], span: stages.span }
}
