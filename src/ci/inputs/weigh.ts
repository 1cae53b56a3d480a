import type { YamlNode } from '../../yaml/node.ts'

/** A value that is put into several places is one object, but whoever walks the document meets it each time. */
interface Weight {
  readonly nodes: number
  readonly depth: number
}

/** GitLab refuses deeper and larger documents when it parses them; one made of inputs is parsed by nobody. */
const MOST_NODES = 1_000_000
const MOST_DEPTH = 100

/** Whether a document that inputs were put into is still one that could have been written. */
export function isAffordable(node: YamlNode): boolean {
  const { nodes, depth } = weigh(node, new Map(), 0)
  return nodes <= MOST_NODES && depth <= MOST_DEPTH
}

function weigh(node: YamlNode, known: Map<YamlNode, Weight>, level: number): Weight {
  if (node.kind === 'scalar' || node.kind === 'reference') return { nodes: 1, depth: 0 }
  if (level > MOST_DEPTH) return { nodes: 1, depth: MOST_DEPTH + 1 }
  const before = known.get(node)
  if (before !== undefined) return before
  let nodes = 1
  let depth = 0
  const children =
    node.kind === 'sequence' ? node.items : Array.from(node.entries.values(), ({ value }) => value)
  for (const child of children) {
    const weight = weigh(child, known, level + 1)
    nodes = Math.min(nodes + weight.nodes, MOST_NODES + 1)
    depth = Math.max(depth, weight.depth)
  }
  const weight = { nodes, depth: depth + 1 }
  known.set(node, weight)
  return weight
}
