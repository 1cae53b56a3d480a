/**
 * The first circle of a graph, as Ruby's TSort meets it: the members of a strongly connected component in the
 * order of discovery, or one name when a node points at itself. Undefined when there is none. Iterative:
 * chains may be 10,000 long.
 */
export function findCycle(
  nodes: Iterable<string>,
  childrenOf: (node: string) => readonly string[] | undefined,
): readonly string[] | undefined {
  const numbers = new Map<string, number>()
  const done = new Set<string>()
  for (const root of nodes) {
    if (numbers.has(root)) continue
    const cycle = search(root)
    if (cycle !== undefined) return cycle
  }
  return undefined

  function search(root: string): readonly string[] | undefined {
    const stack: string[] = []
    const frames = [enter(root, stack)]
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      if (frame.at === 0 && frame.children.includes(frame.node)) return [frame.node]
      const next = frame.children[frame.at++]
      if (next === undefined) {
        frames.pop()
        const parent = frames.at(-1)
        if (parent !== undefined) parent.lowest = Math.min(parent.lowest, frame.lowest)
        if (frame.lowest !== frame.number) continue
        const component = stack.splice(stack.lastIndexOf(frame.node))
        if (component.length > 1) return component
        for (const member of component) done.add(member)
      } else if (!numbers.has(next)) frames.push(enter(next, stack))
      else if (!done.has(next)) frame.lowest = Math.min(frame.lowest, numbers.get(next) ?? frame.lowest)
    }
    return undefined
  }

  function enter(node: string, stack: string[]): Frame {
    const number = numbers.size
    numbers.set(node, number)
    stack.push(node)
    return { node, number, lowest: number, at: 0, children: childrenOf(node) ?? [] }
  }
}

interface Frame {
  readonly node: string
  readonly number: number
  lowest: number
  at: number
  readonly children: readonly string[]
}
