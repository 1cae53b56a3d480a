/** Code points as pairs of first and last; pairs may overlap and stand in any order. */
export type CharacterSet = readonly number[]

const LAST = 0x10ffff

export const DIGIT: CharacterSet = range('0', '9')
export const WORD: CharacterSet = [
  ...range('0', '9'),
  ...range('A', 'Z'),
  ...range('a', 'z'),
  ...range('_', '_'),
]
/** RE2's `\s`, which has no vertical tab. */
export const SPACE: CharacterSet = [9, 10, 12, 13, 32, 32]

/** The set of one character. */
export function single(character: string): CharacterSet {
  return range(character, character)
}

export function contains(set: CharacterSet, codePoint: number): boolean {
  for (let index = 0; index < set.length; index += 2) {
    if (codePoint >= (set[index] ?? 0) && codePoint <= (set[index + 1] ?? -1)) return true
  }
  return false
}

/** Everything that is not in the set. */
export function complement(set: CharacterSet): CharacterSet {
  const result: number[] = []
  let free = 0
  for (const [first, last] of pairs(set).toSorted((a, b) => a[0] - b[0])) {
    if (first > free) result.push(free, first - 1)
    free = Math.max(free, last + 1)
  }
  if (free <= LAST) result.push(free, LAST)
  return result
}

/** The set with both cases of every letter (two have a third: ſ and the Kelvin sign), or undefined when it is not within ASCII. */
export function caseless(set: CharacterSet): CharacterSet | undefined {
  const result = [...set]
  for (const [first, last] of pairs(set)) {
    if (last > 0x7f) return undefined
    for (let code = first; code <= last; code++) {
      const character = String.fromCharCode(code)
      result.push(...single(character.toLowerCase()), ...single(character.toUpperCase()))
      if (character === 's' || character === 'S') result.push(...single('\u017f'))
      if (character === 'k' || character === 'K') result.push(...single('\u212a'))
    }
  }
  return result
}

function range(first: string, last: string): CharacterSet {
  return [first.codePointAt(0) ?? 0, last.codePointAt(0) ?? 0]
}

function pairs(set: CharacterSet): [number, number][] {
  const result: [number, number][] = []
  for (let index = 0; index < set.length; index += 2) result.push([set[index] ?? 0, set[index + 1] ?? 0])
  return result
}
