// The part of RE2's syntax that needs no library. Whatever is not plainly inside it gives `undefined`, and re2js decides: this file
// never says that a pattern is wrong, and never has to know RE2's rarer rules.
import { caseless, complement, DIGIT, single, SPACE, WORD, type CharacterSet } from './character-set.ts'
import { assemble, type Program, type Syntax } from './simple-program.ts'

const MAX_REPEAT = 100
const MAX_REPETITIONS = 1_000
const MAX_DEPTH = 50

interface Reader {
  readonly characters: readonly string[]
  at: number
  depth: number
  readonly ignoreCase: boolean
  readonly dot: CharacterSet
  readonly multiline: boolean
}

/** The program of a plain pattern, or undefined. `U` swaps greediness, which cannot change whether something matches. */
export function compileSimple(body: string, flags: string): Program | undefined {
  const reader: Reader = {
    characters: Array.from(body),
    at: 0,
    depth: 0,
    ignoreCase: flags.includes('i'),
    dot: complement(flags.includes('s') ? [] : single('\n')),
    multiline: flags.includes('m'),
  }
  const syntax = readAlternatives(reader)
  return syntax && reader.at === reader.characters.length ? assemble(syntax) : undefined
}

function readAlternatives(reader: Reader): Syntax | undefined {
  const branches: Syntax[] = []
  do {
    const branch = readSequence(reader)
    if (!branch) return undefined
    branches.push(branch)
  } while (take(reader, '|'))
  return branches.length === 1 ? branches[0] : { kind: 'either', branches }
}

function readSequence(reader: Reader): Syntax | undefined {
  const items: Syntax[] = []
  for (let sign = peek(reader); sign !== undefined && sign !== '|' && sign !== ')'; sign = peek(reader)) {
    const item = readAtom(reader)
    const repeated = item && readRepetition(reader, item)
    if (!repeated) return undefined
    items.push(repeated)
  }
  return { kind: 'sequence', items }
}

function readAtom(reader: Reader): Syntax | undefined {
  const character = takeAny(reader)
  switch (character) {
    case '^':
      return { kind: reader.multiline ? 'line start' : 'start' }
    case '$':
      return { kind: reader.multiline ? 'line end' : 'end' }
    case '.':
      return { kind: 'one of', set: reader.dot }
    case '(':
      return readGroup(reader)
    case '[':
      return readClass(reader)
    case '\\':
      return readEscape(reader)
    case '*':
    case '+':
    case '?':
    case '{':
      return undefined
    default:
      return character === undefined ? undefined : literal(reader, character)
  }
}

function readGroup(reader: Reader): Syntax | undefined {
  if (peek(reader) === '?') {
    if (reader.characters[reader.at + 1] !== ':') return undefined
    reader.at += 2
  }
  if (reader.depth === MAX_DEPTH) return undefined
  reader.depth++
  const inside = readAlternatives(reader)
  reader.depth--
  return inside && take(reader, ')') ? inside : undefined
}

function readEscape(reader: Reader): Syntax | undefined {
  const character = takeAny(reader)
  if (character === 'A') return { kind: 'start' }
  if (character === 'z') return { kind: 'end' }
  const set = escaped(character)
  return set && fold(reader, set)
}

/** `[…]` of characters, ranges, `\d \w \s` and escaped signs; no `[:alpha:]`, no `]` or `-` at an odd place. */
function readClass(reader: Reader): Syntax | undefined {
  const negated = take(reader, '^')
  const set: number[] = []
  if (peek(reader) === ']') return undefined
  while (!take(reader, ']')) {
    const from = classItem(reader)
    if (!from) return undefined
    set.push(...from)
    if (peek(reader) !== '-' || reader.characters[reader.at + 1] === ']') continue
    reader.at++
    const to = classItem(reader)
    if (!isSingle(from) || !to || !isSingle(to) || to[0] < from[0]) return undefined
    set.push(from[0], to[0])
  }
  const folded = fold(reader, set)
  return folded && negated ? { kind: 'one of', set: complement(folded.set) } : folded
}

function classItem(reader: Reader): CharacterSet | undefined {
  const character = takeAny(reader)
  if (character === undefined || character === '[') return undefined
  if (character === '\\') return escaped(takeAny(reader))
  return single(character)
}

function isSingle(set: CharacterSet): set is [number, number] {
  return set.length === 2 && set[0] === set[1]
}

function escaped(character: string | undefined): CharacterSet | undefined {
  switch (character) {
    case 'd':
      return DIGIT
    case 'w':
      return WORD
    case 's':
      return SPACE
    case 'D':
      return complement(DIGIT)
    case 'W':
      return complement(WORD)
    case 'S':
      return complement(SPACE)
    case 'n':
      return single('\n')
    case 't':
      return single('\t')
    case 'r':
      return single('\r')
    default:
      return character !== undefined && /^[!-/:-@[-`{-~]$/.test(character) ? single(character) : undefined
  }
}

function literal(reader: Reader, character: string): Syntax | undefined {
  return fold(reader, single(character))
}

/** Case is folded for ASCII only; a class that reaches beyond it is left to re2js. */
function fold(reader: Reader, set: CharacterSet): { kind: 'one of'; set: CharacterSet } | undefined {
  const folded = reader.ignoreCase ? caseless(set) : set
  return folded && { kind: 'one of', set: folded }
}

function readRepetition(reader: Reader, item: Syntax): Syntax | undefined {
  const bounds = readBounds(reader)
  if (bounds === null) return item
  if (
    !bounds ||
    item.kind === 'start' ||
    item.kind === 'end' ||
    item.kind === 'line start' ||
    item.kind === 'line end'
  )
    return undefined
  take(reader, '?')
  const after = peek(reader)
  if (after === '*' || after === '+' || after === '?' || after === '{') return undefined
  const repeated: Syntax = { kind: 'repeat', item, ...bounds }
  return repetitions(repeated) > MAX_REPETITIONS ? undefined : repeated
}

/** How often the innermost item is written out: `(a{100}){11}` is 1,100, which RE2 refuses. */
function repetitions(syntax: Syntax): number {
  switch (syntax.kind) {
    case 'repeat':
      return Math.max(1, syntax.most === Infinity ? syntax.least : syntax.most) * repetitions(syntax.item)
    case 'sequence':
      return Math.max(1, ...syntax.items.map(repetitions))
    case 'either':
      return Math.max(1, ...syntax.branches.map(repetitions))
    default:
      return 1
  }
}

/** Null: nothing is repeated here. Undefined: something is, in a way that re2js must judge. */
function readBounds(reader: Reader): { least: number; most: number } | null | undefined {
  if (take(reader, '*')) return { least: 0, most: Infinity }
  if (take(reader, '+')) return { least: 1, most: Infinity }
  if (take(reader, '?')) return { least: 0, most: 1 }
  if (peek(reader) !== '{') return null
  const written = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(
    reader.characters.slice(reader.at, reader.at + 10).join(''),
  )
  if (!written) return undefined
  const [text, low = '', comma = '', high = ''] = written
  const least = Number(low)
  const most = comma === '' ? least : high === '' ? Infinity : Number(high)
  if (
    (comma === '' && high !== '') ||
    most < least ||
    least > MAX_REPEAT ||
    (most !== Infinity && most > MAX_REPEAT)
  )
    return undefined
  reader.at += text.length
  return { least, most }
}

function peek(reader: Reader): string | undefined {
  return reader.characters[reader.at]
}

function takeAny(reader: Reader): string | undefined {
  return reader.characters[reader.at++]
}

function take(reader: Reader, character: string): boolean {
  if (reader.characters[reader.at] !== character) return false
  reader.at++
  return true
}
