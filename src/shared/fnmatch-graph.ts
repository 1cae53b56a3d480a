// For patterns whose braces stand for very many texts (`{a,b}{a,b}{a,b}…`): follows all of them at once instead of writing them out.
// A state is a place in the pattern and what was read before it; because braces are only text for Ruby, every rule that looks at
// several characters (`**` + `/`, brackets, escapes) is followed through the braces as well.
import { braceGroups, type BraceGroup } from './fnmatch-braces.ts'
import { isInRange, unescape, width } from './fnmatch-text.ts'

/** At the start of a part, where `**` + `/` means any number of directories. */
const START = 0
const MIDDLE = 1
/** After `*`. */
const STAR = 2
/** After `*` and `**` at the start of a part. */
const START_STAR = 3
const START_TWO_STARS = 4
/** After `**` + `/`: between directories, and inside one that is passed over. */
const BETWEEN = 5
const INSIDE = 6
const MODES = 7

interface Graph {
  readonly pattern: string
  readonly groups: ReadonlyMap<number, BraceGroup>
  /** From the end of each alternative to what follows its group. */
  readonly jumps: ReadonlyMap<number, number>
}

/** Same answer as `fnmatch`, in time bounded by the product of the lengths, whatever the braces. */
export function matchGraph(pattern: string, path: string): boolean {
  const groups = braceGroups(pattern)
  if (!groups) return false
  const jumps = new Map<number, number>()
  for (const { close, alternatives } of groups.values())
    for (const { end } of alternatives) jumps.set(end, close + 1)
  const graph: Graph = { pattern, groups, jumps }
  let states = new Set<number>()
  reach(graph, 0, START, states)
  for (const character of path) {
    const next = new Set<number>()
    for (const state of states) step(graph, Math.floor(state / MODES), state % MODES, character, next)
    states = next
    if (states.size === 0) return false
  }
  const end = pattern.length * MODES
  return states.has(end + START) || states.has(end + MIDDLE)
}

/** Adds a state and all that follow from it without reading the path. */
function reach(graph: Graph, from: number, mode: number, states: Set<number>): void {
  const pending = [{ from, mode }]
  for (let entry = pending.pop(); entry; entry = pending.pop()) {
    for (const at of places(graph, entry.from)) {
      const state = at * MODES + entry.mode
      if (states.has(state)) continue
      states.add(state)
      pending.push(...consequences(at, entry.mode, graph.pattern[at]))
      if (graph.pattern[at] === '\\' && at + 1 === graph.pattern.length)
        pending.push({ from: at + 1, mode: entry.mode })
    }
  }
}

function consequences(at: number, mode: number, sign: string | undefined): { from: number; mode: number }[] {
  const next = at + 1
  switch (mode) {
    case START:
      return sign === '*' ? [{ from: next, mode: START_STAR }] : []
    case MIDDLE:
      return sign === '*' ? [{ from: next, mode: STAR }] : []
    case STAR:
      return [{ from: at, mode: MIDDLE }]
    case START_STAR:
      return [{ from: at, mode: STAR }, ...(sign === '*' ? [{ from: next, mode: START_TWO_STARS }] : [])]
    case START_TWO_STARS:
      return [{ from: at, mode: STAR }, ...(sign === '/' ? [{ from: next, mode: BETWEEN }] : [])]
    case BETWEEN:
      return [{ from: at, mode: START }]
    default:
      return []
  }
}

/** The real characters (or the end) that can come next at a place, through braces. */
function places(graph: Graph, from: number): Iterable<number> {
  if (!graph.jumps.has(from) && !graph.groups.has(from)) return [from]
  const found: number[] = []
  const seen = new Set<number>([from])
  for (const at of seen) {
    const jump = graph.jumps.get(at)
    const group = graph.groups.get(at)
    if (jump !== undefined) seen.add(jump)
    else if (group) for (const { start } of group.alternatives) seen.add(start)
    else found.push(at)
  }
  return found
}

function step(graph: Graph, at: number, mode: number, character: string, next: Set<number>): void {
  const slash = character === '/'
  if (mode === BETWEEN || mode === INSIDE) reach(graph, at, slash ? BETWEEN : INSIDE, next)
  else if (mode === STAR && !slash) reach(graph, at, STAR, next)
  else if (mode === START || mode === MIDDLE) stepSign(graph, at, character, next)
}

function stepSign(graph: Graph, at: number, character: string, next: Set<number>): void {
  const slash = character === '/'
  const sign = graph.pattern[at]
  if (sign === '?') {
    if (!slash) reach(graph, at + 1, MIDDLE, next)
  } else if (sign === '[') {
    if (!slash) for (const end of bracketEnds(graph, at + 1, character)) reach(graph, end, MIDDLE, next)
  } else if (sign !== '*') {
    const literal = unescape(graph.pattern, at)
    if (graph.pattern.startsWith(character, literal))
      reach(graph, literal + character.length, slash ? START : MIDDLE, next)
  }
}

/** A place inside a bracket, and what the bracket has shown so far. */
interface Inside {
  readonly place: number
  readonly negated: boolean
  readonly found: boolean
}

/** Where a bracket that begins before `from` ends, for each way through the braces on which it takes the character. */
function bracketEnds(graph: Graph, from: number, character: string): Set<number> {
  const ends = new Set<number>()
  const seen = new Set<number>()
  const pending: Inside[] = []
  for (const at of places(graph, from)) {
    const negated = graph.pattern[at] === '!' || graph.pattern[at] === '^'
    pending.push({ place: negated ? at + 1 : at, negated, found: false })
  }
  for (let entry = pending.pop(); entry; entry = pending.pop()) {
    for (const at of places(graph, entry.place)) {
      const key = at * 4 + Number(entry.negated) * 2 + Number(entry.found)
      if (seen.has(key) || at >= graph.pattern.length) continue
      seen.add(key)
      if (graph.pattern[at] !== ']')
        pending.push(...afterItem(graph, { ...entry, place: at }, character, ends))
      else if (entry.found !== entry.negated) ends.add(at + 1)
    }
  }
  return ends
}

/** The places after the item (a character or a range) at `entry.place`. `[a-]` closes here, because its `-` is no range. */
function afterItem(graph: Graph, entry: Inside, character: string, ends: Set<number>): Inside[] {
  const { pattern } = graph
  const code = character.codePointAt(0) ?? -1
  const first = pattern[entry.place] === '\\' ? entry.place + 1 : entry.place
  const low = pattern.codePointAt(first)
  if (low === undefined) return []
  const result: Inside[] = []
  const single = entry.found || low === code
  for (const dash of places(graph, first + width(low))) {
    if (pattern[dash] !== '-') {
      result.push({ ...entry, place: dash, found: single })
      continue
    }
    for (const at of places(graph, dash + 1)) {
      if (pattern[at] === ']') {
        if ((single || character === '-') !== entry.negated) ends.add(at + 1)
        continue
      }
      const last = pattern[at] === '\\' ? at + 1 : at
      const high = pattern.codePointAt(last)
      if (high === undefined) continue
      result.push({ ...entry, place: last + width(high), found: entry.found || isInRange(code, low, high) })
    }
  }
  return result
}
