import type { Lookup } from './expand.ts'

const REFERENCE =
  /\$\$|%%|\$([a-zA-Z_][a-zA-Z0-9_]*)|\$\{([a-zA-Z_][a-zA-Z0-9_]*)\}|%([a-zA-Z_][a-zA-Z0-9_]*)%/g

/** Each variable may double the one before it, and one may follow another for ever: beyond these a value stays as it is written. */
const MOST_CHARACTERS = 1 << 16
const DEEPEST = 100

/**
 * The values with the variables in them put in, to any depth (GitLab: `variables_hash_expanded`). What is undefined is empty; a
 * circle, and what says `expand: false`, stays as it is written.
 */
export function nestedLookup(lookup: Lookup, isRaw: (name: string) => boolean = () => false): Lookup {
  const done = new Map<string, string>()
  const open = new Set<string>()

  function valueOf(name: string): string | undefined {
    const written = lookup(name)
    if (written === undefined || !/[$%]/.test(written) || isRaw(name)) return written
    const known = done.get(name)
    if (known !== undefined) return known
    if (open.has(name) || open.size >= DEEPEST) return written
    open.add(name)
    let room = MOST_CHARACTERS
    const value = written.replaceAll(
      REFERENCE,
      (found, plain?: string, braces?: string, percent?: string) => {
        const inner = plain ?? braces ?? percent
        if (inner === undefined || room < 0) return found
        const put = valueOf(inner) ?? ''
        room -= put.length
        return put
      },
    )
    open.delete(name)
    const result = room < 0 ? written : value
    done.set(name, result)
    return result
  }

  return valueOf
}
