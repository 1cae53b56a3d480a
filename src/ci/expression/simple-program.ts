import { contains, type CharacterSet } from './character-set.ts'

/** A plain pattern, read but not yet flattened. */
export type Syntax =
  | { readonly kind: 'one of'; readonly set: CharacterSet }
  | { readonly kind: Place }
  | { readonly kind: 'sequence'; readonly items: readonly Syntax[] }
  | { readonly kind: 'either'; readonly branches: readonly Syntax[] }
  | { readonly kind: 'repeat'; readonly item: Syntax; readonly least: number; readonly most: number }

type Place = 'start' | 'end' | 'line start' | 'line end'

type Step =
  | { readonly kind: 'one of'; readonly set: CharacterSet }
  | { readonly kind: Place }
  /** Goes on at each of these. */
  | { readonly kind: 'fork'; to: number[] }
  | { readonly kind: 'match' }

/** Thompson's construction: a step goes on at the next one, a fork where it says. */
export type Program = readonly Step[]

const MAX_STEPS = 5_000
/** Steps looked at for one text: about 50 ms. */
const MAX_WORK = 4_000_000

/** The program of a pattern, or undefined when it would be too large. */
export function assemble(syntax: Syntax): Program | undefined {
  const steps: Step[] = []
  emit(steps, syntax)
  steps.push({ kind: 'match' })
  return steps.length > MAX_STEPS ? undefined : steps
}

function emit(steps: Step[], syntax: Syntax): void {
  if (steps.length > MAX_STEPS) return
  switch (syntax.kind) {
    case 'sequence':
      for (const item of syntax.items) emit(steps, item)
      return
    case 'either':
      emitEither(steps, syntax.branches)
      return
    case 'repeat':
      emitRepeat(steps, syntax.item, syntax.least, syntax.most)
      return
    default:
      steps.push(syntax)
  }
}

function emitEither(steps: Step[], branches: readonly Syntax[]): void {
  const starts: number[] = []
  const ends: number[][] = []
  steps.push({ kind: 'fork', to: starts })
  for (const branch of branches) {
    starts.push(steps.length)
    emit(steps, branch)
    const end: number[] = []
    ends.push(end)
    steps.push({ kind: 'fork', to: end })
  }
  for (const end of ends) end.push(steps.length)
}

function emitRepeat(steps: Step[], item: Syntax, least: number, most: number): void {
  for (let count = 0; count < least; count++) emit(steps, item)
  if (most === Infinity) {
    const loop = steps.length
    const to = [loop + 1]
    steps.push({ kind: 'fork', to })
    emit(steps, item)
    steps.push({ kind: 'fork', to: [loop] })
    to.push(steps.length)
    return
  }
  const skips: number[][] = []
  for (let count = least; count < most; count++) {
    const to = [steps.length + 1]
    skips.push(to)
    steps.push({ kind: 'fork', to })
    emit(steps, item)
  }
  for (const skip of skips) skip.push(steps.length)
}

/** Whether the pattern is found anywhere in the text: all places are followed at once, so the time grows with text times program. */
export function runProgram(program: Program, text: string): boolean {
  const seen = new Int32Array(program.length).fill(-1)
  const pending: number[] = []
  let current: number[] = []
  let work = 0
  for (let at = 0; ;) {
    const here = current
    current = []
    pending.push(0)
    for (let index = here.length - 1; index >= 0; index--) pending.push(here[index] ?? 0)
    const code = text.codePointAt(at) ?? -1
    for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
      if (seen[number] === at) continue
      seen[number] = at
      if (++work > MAX_WORK) return false
      const step = program[number]
      if (step === undefined || step.kind === 'match') return true
      if (step.kind === 'one of') {
        if (code >= 0 && contains(step.set, code)) current.push(number + 1)
      } else if (step.kind === 'fork') pending.push(...step.to)
      else if (holds(step.kind, text, at)) pending.push(number + 1)
    }
    if (code < 0) return false
    at += code > 0xffff ? 2 : 1
  }
}

function holds(place: Place, text: string, at: number): boolean {
  switch (place) {
    case 'start':
      return at === 0
    case 'end':
      return at === text.length
    case 'line start':
      return at === 0 || text[at - 1] === '\n'
    case 'line end':
      return at === text.length || text[at] === '\n'
  }
}
