import { classEnd, readAlternatives } from './doublestar-text.ts'

/** At the start of a part, where `**` reaches over directories. */
const START = 0
const MIDDLE = 1
/** After `*`: any run without a slash. */
const STAR = 2
/** After `**` + `/`: between directories, and inside one that is passed over. */
const BETWEEN = 3
const INSIDE = 4
/** After `**` at the end of the pattern. */
const ALL = 5
const MODES = 6

/** A pattern as a text that forks at each `{` and joins behind its `}`; places are indexes into `characters`. */
interface Graph {
  readonly characters: readonly string[]
  readonly forks: Map<number, readonly number[]>
  readonly jumps: Map<number, number>
}

/**
 * Matches a valid pattern with all its alternatives at once, in time bounded by the product of the lengths. What is plain in a
 * pattern (everything but the peculiarities of Go's `Match`) means the same here.
 */
export function matchGraph(pattern: string, path: string): boolean {
  const graph: Graph = { characters: Array.from(pattern), forks: new Map(), jumps: new Map() }
  let states = new Set([START])
  for (const character of path) {
    follow(graph, states)
    const next = new Set<number>()
    for (const state of states) read(graph, Math.floor(state / MODES), state % MODES, character, next)
    states = next
    if (states.size === 0) return false
  }
  follow(graph, states)
  return [...states].some((state) => isEnd(graph, Math.floor(state / MODES), state % MODES))
}

/** Adds what follows without reading a character. A set that grows while it is walked is walked to its new end. */
function follow(graph: Graph, states: Set<number>): void {
  for (const state of states) {
    const at = Math.floor(state / MODES)
    const mode = state % MODES
    const sign = graph.characters[at]
    if (mode === BETWEEN) states.add(at * MODES + START)
    else if (mode === STAR) states.add(at * MODES + MIDDLE)
    else if (mode > MIDDLE) continue
    else if (sign === '*') states.add(afterStar(graph, at, mode))
    else if (sign === '{') for (const start of fork(graph, at)) states.add(start * MODES + mode)
  }
}

function afterStar(graph: Graph, at: number, mode: number): number {
  const second = after(graph, at)
  if (graph.characters[second] !== '*') return second * MODES + STAR
  const third = after(graph, second)
  if (mode === START && third >= graph.characters.length) return third * MODES + ALL
  if (mode === START && graph.characters[third] === '/') return after(graph, third) * MODES + BETWEEN
  return third * MODES + STAR
}

function read(graph: Graph, at: number, mode: number, character: string, next: Set<number>): void {
  const slash = character === '/'
  if (mode === ALL) next.add(at * MODES + ALL)
  else if (mode === BETWEEN || mode === INSIDE) next.add(at * MODES + (slash ? BETWEEN : INSIDE))
  else if (mode === STAR) {
    if (!slash) next.add(at * MODES + STAR)
  } else {
    const to = placeAfter(graph, at, character)
    if (to !== -1) next.add(to * MODES + (slash ? START : MIDDLE))
  }
}

function placeAfter(graph: Graph, at: number, character: string): number {
  const { characters } = graph
  switch (characters[at]) {
    case undefined:
    case '*':
    case '{':
      return -1
    case '?':
      return character === '/' ? -1 : after(graph, at)
    case '[':
      return character === '/' ? -1 : classPlace(graph, at, character)
    default: {
      const literal = characters[at] === '\\' ? at + 1 : at
      return characters[literal] === character ? after(graph, literal) : -1
    }
  }
}

function classPlace(graph: Graph, at: number, character: string): number {
  const end = classEnd(graph.characters, at, character)
  return typeof end === 'number' ? after(graph, end - 1) : -1
}

/** Nothing is left, or only `/**` (or `/**` + `/`), which matches the directory before it too. */
function isEnd(graph: Graph, at: number, mode: number): boolean {
  if (mode === INSIDE) return false
  let rest = ''
  for (let place = at; place < graph.characters.length && rest.length < 5; place = after(graph, place))
    rest += graph.characters[place] ?? ''
  return rest === '' || rest === '/**' || rest === '/**/'
}

function fork(graph: Graph, open: number): readonly number[] {
  const known = graph.forks.get(open)
  if (known) return known
  const group = readAlternatives(graph.characters, open)
  for (const { end } of group?.parts ?? []) graph.jumps.set(end, (group?.close ?? 0) + 1)
  const starts = (group?.parts ?? []).map(({ start }) => settle(graph, start))
  graph.forks.set(open, starts)
  return starts
}

function after(graph: Graph, at: number): number {
  return settle(graph, at + 1)
}

/** From the end of an alternative on behind its group. */
function settle(graph: Graph, place: number): number {
  let at = place
  for (let jump = graph.jumps.get(at); jump !== undefined; jump = graph.jumps.get(at)) at = jump
  return at
}
