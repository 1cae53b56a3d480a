import { InvalidArgumentError } from 'commander'
import { parseListen } from '../settings/listen.ts'
import type { ListenAddress } from '../settings/settings.ts'
import { closest } from '../shared/closest.ts'

// Readers of option values. What they throw, commander prints as `error: option '--x <y>' argument 'z' is invalid. …`.

/** `KEY=VALUE`; the value may hold further `=` and may be empty. */
export function collectPair(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('Write KEY=VALUE.')
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) }
}

/**
 * `KEY:VALUE`, as `glab ci run-trig --variables` takes it; several are separated by commas. What does not look like a further pair
 * belongs to the value before it: `hosts:a,b`.
 */
export function collectColonPairs(
  text: string,
  before: Readonly<Record<string, string>>,
): Record<string, string> {
  const pairs = text.split(/,(?=[A-Za-z_][A-Za-z0-9_]*:)/).map((pair) => {
    const colon = pair.indexOf(':')
    if (colon < 1) throw new InvalidArgumentError('Write KEY:VALUE.')
    return [pair.slice(0, colon), pair.slice(colon + 1)] as const
  })
  return { ...before, ...Object.fromEntries(pairs) }
}

/** Every value that is given, in order. */
export function collect(text: string, before: readonly string[]): string[] {
  return [...before, text]
}

export function positiveInteger(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1) throw new InvalidArgumentError('Write a whole number of at least 1.')
  return number
}

/** One of a list of words. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found !== undefined) return found
    const near = closest(text, words)
    throw new InvalidArgumentError(
      near ? `Did you mean ${near}? One of: ${words.join(', ')}.` : `One of: ${words.join(', ')}.`,
    )
  }
}

/** `HOST:PORT` or `[::1]:8929`. */
export function address(text: string): ListenAddress {
  const parsed = parseListen(text)
  if (parsed.ok) return parsed.value
  throw new InvalidArgumentError(`${parsed.error}; for example 127.0.0.1:8929, and port 0 picks a free one.`)
}
