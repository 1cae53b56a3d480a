import type { Variable } from '../../model/variable.ts'

interface Visit {
  readonly index: number
  readonly order: number
  /** The earliest visited variable that this one leads to. */
  lowest: number
  readonly children: readonly number[]
  next: number
}

/**
 * The variables so that each comes after those it mentions; those that mention each other in a circle stand in one group. GitLab:
 * `Variables::Collection::Sort` with Ruby's TSort (Tarjan's algorithm), all definitions of a name being dependencies. There is no
 * recursion, since a chain may be long.
 */
export function sortByReference(
  variables: readonly Variable[],
  references: (variable: Variable) => readonly string[],
): readonly (readonly Variable[])[] {
  const byName = groupByName(variables)
  const children = (index: number): readonly number[] => {
    const variable = variables[index]
    return variable ? references(variable).flatMap((name) => byName.get(name) ?? []) : []
  }
  const components: (readonly Variable[])[] = []
  const visits = new Map<number, Visit>()
  const closed = new Set<number>()
  const stack: number[] = []

  const open = (index: number): Visit => {
    const visit = { index, order: visits.size, lowest: visits.size, children: children(index), next: 0 }
    visits.set(index, visit)
    stack.push(index)
    return visit
  }
  const close = (visit: Visit): void => {
    if (visit.lowest !== visit.order) return
    const members = stack.splice(stack.lastIndexOf(visit.index))
    for (const member of members) closed.add(member)
    components.push(members.flatMap((member) => variables[member] ?? []))
  }
  const walk = (start: number): void => {
    const path = [open(start)]
    for (let visit = path.at(-1); visit; visit = path.at(-1)) {
      const child = visit.children[visit.next++]
      if (child === undefined) {
        path.pop()
        close(visit)
        const parent = path.at(-1)
        if (parent) parent.lowest = Math.min(parent.lowest, visit.lowest)
        continue
      }
      const known = visits.get(child)
      if (!known) path.push(open(child))
      else if (!closed.has(child)) visit.lowest = Math.min(visit.lowest, known.order)
    }
  }
  for (const index of variables.keys()) if (!visits.has(index)) walk(index)
  return components
}

/** GitLab's sentence when variables go in a circle. One that mentions itself is none. */
export function circularReferences(components: readonly (readonly Variable[])[]): string | undefined {
  const circles = components.filter(({ length }) => length > 1)
  if (circles.length === 0) return undefined
  const names = circles.map((circle) => `[${circle.map(({ key }) => JSON.stringify(key)).join(', ')}]`)
  return `circular variable reference detected: ${names.join(', ')}`
}

function groupByName(variables: readonly Variable[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>()
  for (const [index, { key }] of variables.entries()) {
    const group = groups.get(key)
    if (group) group.push(index)
    else groups.set(key, [index])
  }
  return groups
}
