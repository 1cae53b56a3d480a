import { runInNewContext } from 'node:vm'

/** GitLab: `^word` begins, `word$` ends, `^word$` is, anything else is in the name; capitals do not matter. */
export function nameMatcher(search: string): (name: string) => boolean {
  const word = search.toLowerCase()
  const begins = word.startsWith('^')
  const ends = word.length > 1 && word.endsWith('$')
  const text = word.slice(begins ? 1 : 0, ends ? -1 : undefined)
  return (name) => {
    const low = name.toLowerCase()
    if (begins && ends) return low === text
    return begins ? low.startsWith(text) : ends ? low.endsWith(text) : low.includes(text)
  }
}

/** Patterns of strangers may take for ever; they get so long. */
const MOST_MS = 100

/** The names that a pattern matches; undefined when it is none, or takes too long. */
export function namesMatching(pattern: string, names: readonly string[]): readonly string[] | undefined {
  try {
    const source = 'JSON.stringify(JSON.parse(names).filter((name) => new RegExp(pattern, "u").test(name)))'
    const found: unknown = runInNewContext(
      source,
      { names: JSON.stringify(names), pattern },
      { timeout: MOST_MS },
    )
    const kept = new Set(typeof found === 'string' ? (JSON.parse(found) as string[]) : [])
    return names.filter((name) => kept.has(name))
  } catch {
    return undefined
  }
}
