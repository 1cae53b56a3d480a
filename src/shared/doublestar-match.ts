import { classEnd, isValidPattern, readAlternatives } from './doublestar-text.ts'

/** Far more than any real pattern needs; only alternatives times stars can reach it. */
const MAX_STEPS = 20_000

/** Where to go on after a mismatch: Go remembers the last `*` and the last `**` only. -1: none was seen. */
interface Retry {
  starPattern: number
  starPath: number
  directoryPattern: number
  directoryPath: number
}

interface Budget {
  steps: number
}

/**
 * `doublestar.Match` step by step, with its peculiarities (a class may match `/`; an alternative begins as if a part began there; an
 * error ends everything). Undefined when it would take too long. False also for a malformed pattern.
 */
export function matchLikeGo(pattern: string, path: string): boolean | undefined {
  const retry: Retry = { starPattern: -1, starPath: -1, directoryPattern: -1, directoryPath: -1 }
  const budget: Budget = { steps: MAX_STEPS + pattern.length * 4 + path.length * 4 }
  const outcome = match(Array.from(pattern), Array.from(path), { p: 0, s: 0 }, retry, budget)
  return outcome === 'too long' ? undefined : outcome === true
}

type Outcome = boolean | 'malformed' | 'too long'

/** What the sign at the current place of the pattern leads to. */
type Move = Outcome | 'on' | 'mismatch'

interface Cursor {
  p: number
  s: number
  /** A part begins here, so `**` may reach over directories. */
  partStart: boolean
}

function match(
  pattern: string[],
  path: string[],
  from: { p: number; s: number },
  retry: Retry,
  budget: Budget,
): Outcome {
  const cursor: Cursor = { ...from, partStart: true }
  while (cursor.s < path.length) {
    if (--budget.steps < 0) return 'too long'
    const move = cursor.p < pattern.length ? advance(pattern, path, cursor, retry, budget) : 'mismatch'
    if (move === 'on') continue
    if (move !== 'mismatch') return move
    if (retryStar(path, cursor, retry) || retryDirectory(path, cursor, retry)) continue
    return cursor.p < pattern.length && !isValidPattern(pattern.slice(cursor.p)) ? 'malformed' : false
  }
  return matchesNothing(pattern.slice(cursor.p), budget)
}

function advance(pattern: string[], path: string[], cursor: Cursor, retry: Retry, budget: Budget): Move {
  switch (pattern[cursor.p]) {
    case '*':
      return advanceStar(pattern, cursor, retry)
    case '?':
      cursor.partStart = false
      if (path[cursor.s] === '/') return 'mismatch'
      cursor.p++
      cursor.s++
      return 'on'
    case '[':
      return advanceClass(pattern, path, cursor)
    case '{':
      return advanceAlternatives(pattern, path, cursor, retry, budget)
    default: {
      const literal = pattern[cursor.p] === '\\' ? cursor.p + 1 : cursor.p
      if (literal >= pattern.length) return 'malformed'
      if (pattern[literal] !== path[cursor.s]) return 'mismatch'
      cursor.partStart = pattern[literal] === '/'
      cursor.p = literal + 1
      cursor.s++
      return 'on'
    }
  }
}

function advanceStar(pattern: string[], cursor: Cursor, retry: Retry): Move {
  const double = pattern[cursor.p + 1] === '*'
  cursor.p += double ? 2 : 1
  if (double && cursor.partStart) {
    if (cursor.p >= pattern.length) return true
    if (pattern[cursor.p] === '/') {
      cursor.p++
      Object.assign(retry, {
        directoryPattern: cursor.p,
        directoryPath: cursor.s,
        starPattern: -1,
        starPath: -1,
      })
      return 'on'
    }
  }
  cursor.partStart = false
  retry.starPattern = cursor.p
  retry.starPath = cursor.s
  return 'on'
}

function advanceClass(pattern: string[], path: string[], cursor: Cursor): Move {
  cursor.partStart = false
  const end = classEnd(pattern, cursor.p, path[cursor.s] ?? '')
  if (typeof end !== 'number') return end
  cursor.p = end
  cursor.s++
  return 'on'
}

/** Go puts each alternative in the place of the group and matches on from there, keeping what was remembered. */
function advanceAlternatives(
  pattern: string[],
  path: string[],
  cursor: Cursor,
  retry: Retry,
  budget: Budget,
): Outcome {
  const group = readAlternatives(pattern, cursor.p)
  if (!group) return 'malformed'
  let outcome: Outcome = false
  for (const { start, end } of group.parts) {
    budget.steps -= pattern.length >> 4
    const chosen = [
      ...pattern.slice(0, cursor.p),
      ...pattern.slice(start, end),
      ...pattern.slice(group.close + 1),
    ]
    outcome = match(chosen, path, cursor, { ...retry }, budget)
    if (outcome !== false) return outcome
  }
  return outcome
}

function retryStar(path: string[], cursor: Cursor, retry: Retry): boolean {
  if (retry.starPattern === -1 || path[retry.starPath] === '/') return false
  retry.starPath++
  Object.assign(cursor, { p: retry.starPattern, s: retry.starPath, partStart: false })
  return true
}

function retryDirectory(path: string[], cursor: Cursor, retry: Retry): boolean {
  if (retry.directoryPattern === -1) return false
  const slash = path.indexOf('/', retry.directoryPath)
  if (slash === -1) return false
  retry.directoryPath = slash + 1
  Object.assign(cursor, { p: retry.directoryPattern, s: slash + 1, partStart: true })
  return true
}

const EMPTY_FORMS = new Set(['', '*', '**', '/**', '**/', '/**/'])

/** Go's `isZeroLengthPattern`, for what is left of the pattern at the end of the path. */
function matchesNothing(rest: string[], budget: Budget): Outcome {
  if (--budget.steps < 0) return 'too long'
  if (rest.length <= 4 && EMPTY_FORMS.has(rest.join(''))) return true
  if (rest[0] !== '{') return isValidPattern(rest) ? false : 'malformed'
  const group = readAlternatives(rest, 0)
  if (!group) return 'malformed'
  for (const { start, end } of group.parts) {
    const outcome = matchesNothing([...rest.slice(start, end), ...rest.slice(group.close + 1)], budget)
    if (outcome !== false) return outcome
  }
  return false
}
