// The engines that put values in place of `$NAME`. Which keyword uses which is GitLab's decision and stands with the keywords.
import type { Variable } from '../../model/variable.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { circularReferences, sortByReference } from './sort.ts'

/** The value of a variable, or undefined. */
export type Lookup = (name: string) => string | undefined

// GitLab: ExpandVariables::VARIABLES_REGEXP.
const REFERENCE = /\$([a-zA-Z_][a-zA-Z0-9_]*)|\$\{([a-zA-Z_][a-zA-Z0-9_]*)\}|%([a-zA-Z_][a-zA-Z0-9_]*)%/g

// GitLab: Variables::Collection::Item::VARIABLES_REGEXP. `$$`, `%%` and `${}` are recognised so that they stay.
const NESTED =
  /\$\$|%%|\$([a-zA-Z_][a-zA-Z0-9_]*)|\$\{([a-zA-Z_][a-zA-Z0-9_]*)?\}|%([a-zA-Z_][a-zA-Z0-9_]*)%/g

/** Each variable may double the one before it; a value beyond this is an error instead of all memory. */
const MAX_EXPANDED_LENGTH = 1 << 20
const MAX_TOTAL_LENGTH = 1 << 24

/** GitLab "expand": `$name`, `${name}` and `%name%`, once; an undefined one becomes empty. */
export function expandAll(text: string, lookup: Lookup): string {
  return text.replaceAll(
    REFERENCE,
    (_, plain?: string, braces?: string, percent?: string) => lookup(plain ?? braces ?? percent ?? '') ?? '',
  )
}

/** GitLab "expand existing": the same, but an undefined one stays as it is written. */
export function expandExisting(text: string, lookup: Lookup): string {
  return text.replaceAll(
    REFERENCE,
    (written, plain?: string, braces?: string, percent?: string) =>
      lookup(plain ?? braces ?? percent ?? '') ?? written,
  )
}

/** A lookup in a list, where the last of a name wins. */
export function lookupIn(variables: readonly Variable[]): Lookup {
  const values = new Map(variables.map(({ key, value }) => [key, value]))
  return (name) => values.get(name)
}

/**
 * Expands variables in each other, to any depth, in the order of their dependence (so the list may come back in another order; that
 * of equal names stays). `$$` and `%%` stay. The error is GitLab's: `circular variable reference detected: ["A", "B"]`.
 *
 * - `runner`: for a job's payload. References to what is undefined, to files and to raw variables stay for the runner, which must
 *   know the path of the file, and must not expand a raw value again.
 * - `server`: for what GitLab itself uses (environment names and the like). Undefined is empty, files and raw values are put in.
 */
export function sortAndExpand(
  variables: readonly Variable[],
  purpose: 'runner' | 'server' = 'runner',
): Result<readonly Variable[], string> {
  const components = sortByReference(variables, referencesOf)
  const circular = circularReferences(components)
  if (circular) return err(circular)
  const done = new Map<string, Variable>()
  const expanded: Variable[] = []
  let total = 0
  for (const variable of components.flat()) {
    const value = variable.raw ? variable.value : expandNested(variable.value, done, purpose)
    if (value === undefined)
      return err(
        `variable ${variable.key} is longer than ${MAX_EXPANDED_LENGTH} characters when it is expanded`,
      )
    const result = value === variable.value ? variable : { ...variable, value }
    if (result !== variable) total += value.length
    if (total > MAX_TOTAL_LENGTH)
      return err(`variables are longer than ${MAX_TOTAL_LENGTH} characters together when they are expanded`)
    done.set(result.key, result)
    expanded.push(result)
  }
  return ok(expanded)
}

function referencesOf(variable: Variable): readonly string[] {
  if (variable.raw || !/[$%]/.test(variable.value)) return []
  return Array.from(
    variable.value.matchAll(NESTED),
    ([, plain, braces, percent]) => plain ?? braces ?? percent ?? '',
  ).filter((name) => name !== '')
}

/** Undefined when the result would be too long. */
function expandNested(
  text: string,
  done: ReadonlyMap<string, Variable>,
  purpose: 'runner' | 'server',
): string | undefined {
  if (!/[$%]/.test(text)) return text
  const parts: string[] = []
  let length = 0
  let copied = 0
  const add = (part: string): void => {
    parts.push(part)
    length += part.length
  }
  for (const found of text.matchAll(NESTED)) {
    add(text.slice(copied, found.index))
    copied = found.index + found[0].length
    const name = found[1] ?? found[2] ?? found[3]
    add(name === undefined ? found[0] : replacement(found[0], done.get(name), purpose))
    if (length > MAX_EXPANDED_LENGTH) return undefined
  }
  add(text.slice(copied))
  return parts.join('')
}

function replacement(written: string, variable: Variable | undefined, purpose: 'runner' | 'server'): string {
  if (purpose === 'server') return variable?.value ?? ''
  return variable && !variable.file && !variable.raw ? variable.value : written
}

/** What the runner answers for `$*`, `$1` and the like. GitLab Runner: `spec.Variables.value`. */
const SPECIAL = new Set(['*', '#', '@', '!', '?', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])

/**
 * The runner's engine, Go's `os.Expand`: `$name` and `${anything}`, once; undefined is empty, `$$` is `$`, `$1` and `$?` are empty, a
 * `$` before anything else stays, `${}` and an unclosed `${` vanish. `lookup` gives the path for a file variable.
 */
export function expandForRunner(text: string, lookup: Lookup): string {
  if (!text.includes('$')) return text
  const lastClose = text.lastIndexOf('}')
  let result = ''
  let copied = 0
  for (let at = text.indexOf('$'); at !== -1 && at + 1 < text.length; at = text.indexOf('$', copied)) {
    const { name, length } = shellName(text, at + 1, lastClose)
    result += text.slice(copied, at)
    if (name === '' && length === 0) result += '$'
    else if (name !== '') result += runnerValue(name, lookup)
    copied = at + 1 + length
  }
  return result + text.slice(copied)
}

function runnerValue(name: string, lookup: Lookup): string {
  if (name === '$') return '$'
  return SPECIAL.has(name) ? '' : (lookup(name) ?? '')
}

/** Go's `getShellName`: a name without length is no name at all, a length without name is bad syntax that Go eats. */
function shellName(text: string, at: number, lastClose: number): { name: string; length: number } {
  if (text[at] === '{') {
    if (/[*#$@!?\-0-9]/.test(text.charAt(at + 1)) && text[at + 2] === '}')
      return { name: text.charAt(at + 1), length: 3 }
    if (lastClose < at) return { name: '', length: 1 }
    const close = text.indexOf('}', at)
    return { name: text.slice(at + 1, close), length: close - at + 1 }
  }
  const name = shellNameAt(text, at)
  return { name, length: name.length }
}

const NAME = /[*#$@!?\-0-9]|[A-Za-z0-9_]+/y

function shellNameAt(text: string, at: number): string {
  NAME.lastIndex = at
  return NAME.exec(text)?.[0] ?? ''
}
