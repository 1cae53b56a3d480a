import { err, ok, type Result } from '../../shared/result.ts'
import type { RequestValue } from './request-value.ts'

/** Ruby's JSON: deeper texts are refused. */
const MAX_NESTING = 100

/** Not JSON; `at` is the offset where it ceases to be. */
export interface JsonError {
  readonly at: number
}

/**
 * Reads JSON as GitLab's Ruby does and JavaScript's own parser does not: members keep their order whatever their names, the
 * last of two equal names wins in the first one's place, and numbers keep their digits.
 */
export function parseJson(text: string, depth = MAX_NESTING): Result<RequestValue, JsonError> {
  try {
    return ok(readDocument(text, depth))
  } catch (thrown) {
    if (thrown instanceof Unreadable) return err({ at: thrown.at })
    throw thrown
  }
}

/** Leaves the reader from any depth; never leaves this file. */
class Unreadable extends Error {
  readonly at: number

  constructor(at: number) {
    super('not JSON')
    this.at = at
  }
}

function readDocument(text: string, deepest: number): RequestValue {
  const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
  const space = /[ \t\n\r]*/y
  let at = 0

  skipSpace()
  const value = readValue(0)
  skipSpace()
  if (at < text.length) throw new Unreadable(at)
  return value

  function readValue(depth: number): RequestValue {
    switch (text[at]) {
      case '{':
        return readObject(depth + 1)
      case '[':
        return readArray(depth + 1)
      case '"':
        return readString()
      case 't':
        return readWord('true', true)
      case 'f':
        return readWord('false', false)
      case 'n':
        return readWord('null', null)
      default:
        return { digits: readNumber() }
    }
  }

  function readObject(depth: number): RequestValue {
    const members = new Map<string, RequestValue>()
    open('{', depth)
    if (skip('}')) return members
    do {
      skipSpace()
      const key = readString()
      skipSpace()
      take(':')
      skipSpace()
      members.set(key, readValue(depth))
    } while (skip(','))
    take('}')
    return members
  }

  function readArray(depth: number): RequestValue {
    const items: RequestValue[] = []
    open('[', depth)
    if (skip(']')) return items
    do {
      skipSpace()
      items.push(readValue(depth))
    } while (skip(','))
    take(']')
    return items
  }

  function readString(): string {
    const start = at
    take('"')
    let end = text.indexOf('"', at)
    while (end !== -1 && isEscaped(end)) end = text.indexOf('"', end + 1)
    if (end === -1) throw new Unreadable(start)
    at = end + 1
    try {
      return String(JSON.parse(text.slice(start, at)))
    } catch {
      throw new Unreadable(start) // a bad escape, or a control character as it is
    }
  }

  function isEscaped(quote: number): boolean {
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes++
    return backslashes % 2 === 1
  }

  function readNumber(): string {
    number.lastIndex = at
    const [digits] = number.exec(text) ?? []
    if (digits === undefined) throw new Unreadable(at)
    at += digits.length
    return digits
  }

  function readWord<T>(word: string, meaning: T): T {
    if (!text.startsWith(word, at)) throw new Unreadable(at)
    at += word.length
    return meaning
  }

  function open(bracket: string, depth: number): void {
    if (depth > deepest) throw new Unreadable(at)
    take(bracket)
  }

  function take(character: string): void {
    if (text[at] !== character) throw new Unreadable(at)
    at++
  }

  /** Takes the character if it is next, past white space. */
  function skip(character: string): boolean {
    skipSpace()
    if (text[at] !== character) return false
    at++
    return true
  }

  function skipSpace(): void {
    space.lastIndex = at
    space.exec(text)
    at = space.lastIndex
  }
}
