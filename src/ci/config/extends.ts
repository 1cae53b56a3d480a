import type { YamlEntry, YamlMapping, YamlNode } from '../../yaml/node.ts'
import { closest } from '../../shared/closest.ts'
import type { Span } from '../../shared/diagnostic.ts'
import { addProblem, type Reading } from '../report.ts'
import * as texts from '../texts.ts'
import { deepMerge } from './deep-merge.ts'
import { isMapping, isNull } from './nodes.ts'

/** GitLab: an entry with more ancestors than this is nested too deep, so 11 levels work. */
const MOST_ANCESTORS = 10

/**
 * A key whose bases have been merged in: the result, and the levels that extend in it and below it (0: it
 * extends nothing).
 */
interface Extended {
  readonly node: YamlNode
  readonly levels: number
}

export interface ExtendedDocument {
  /** Without the keys that failed. */
  readonly document: YamlMapping
  /** Keys whose bases could not be merged in. */
  readonly failed: ReadonlySet<string>
}

const NOTHING_FAILED: ReadonlySet<string> = new Set()

/**
 * Resolves `extends` in every top-level key, hidden ones included: bases in order, the key's own hash last.
 * The keyword stays in the result and means nothing afterwards.
 */
export function resolveExtends(root: YamlMapping, reading: Reading): ExtendedDocument {
  if (!usesExtends(root)) return { document: root, failed: NOTHING_FAILED }
  const done = new Map<string, Extended | 'failed'>()
  const entries = new Map<string, YamlEntry>()
  const failed = new Set<string>()
  for (const [key, entry] of root.entries) {
    const extended = extend(key, [], { root, reading, done })
    if (extended === 'failed') failed.add(key)
    else entries.set(key, extended.node === entry.value ? entry : { key: entry.key, value: extended.node })
  }
  return { document: { kind: 'mapping', entries, span: root.span }, failed }
}

function usesExtends(root: YamlMapping): boolean {
  for (const { value } of root.entries.values())
    if (isMapping(value) && value.entries.has('extends')) return true
  return false
}

interface Work {
  readonly root: YamlMapping
  readonly reading: Reading
  readonly done: Map<string, Extended | 'failed'>
}

/** Reports once for each key that is wrong itself; keys that only build on a wrong one stay silent. */
function extend(key: string, ancestors: readonly string[], work: Work): Extended | 'failed' {
  const known = work.done.get(key)
  if (known === 'failed') return known
  if (known !== undefined && ancestors.length + known.levels - 1 <= MOST_ANCESTORS) return known
  const result = extendNow(key, ancestors, work)
  work.done.set(key, result)
  return result
}

function extendNow(key: string, ancestors: readonly string[], work: Work): Extended | 'failed' {
  const node = work.root.entries.get(key)?.value
  const written = isMapping(node) ? node.entries.get('extends') : undefined
  if (!isMapping(node) || written === undefined) return { node: node ?? work.root, levels: 0 }
  const bases = basesOf(written.value)
  const wrong = checkBases(key, bases, ancestors, work)
  if (wrong) return 'failed'
  let merged: YamlMapping | undefined
  let levels = 1
  for (const base of bases) {
    const extended = extend(base.name, [...ancestors, key], work)
    if (extended === 'failed' || !isMapping(extended.node)) return 'failed'
    merged = merged === undefined ? extended.node : deepMerge(merged, extended.node)
    levels = Math.max(levels, extended.levels + 1)
  }
  return { node: merged === undefined ? node : deepMerge(merged, node), levels }
}

interface Base {
  readonly name: string
  readonly span: Span
}

/** GitLab: `Array(extends).map(&:to_s)`; the type is judged later, at the job. */
function basesOf(node: YamlNode): Base[] {
  if (isNull(node)) return []
  const items = node.kind === 'sequence' ? node.items : [node]
  return items.map((item) => ({ name: item.kind === 'scalar' ? item.text : describe(item), span: item.span }))
}

function describe(node: YamlNode): string {
  return node.kind === 'mapping'
    ? `{${[...node.entries.keys()].join(', ')}}`
    : node.kind === 'reference'
      ? '!reference'
      : '[]'
}

/** In GitLab's order: unknown, not a hash, too deep, circular. */
function checkBases(
  key: string,
  bases: readonly Base[],
  ancestors: readonly string[],
  { root, reading }: Work,
): boolean {
  const before = reading.problems.length
  const unknown = bases.filter((base) => !root.entries.has(base.name))
  const invalid = bases.filter((base) => !isMapping(root.entries.get(base.name)?.value))
  const at = (unknown[0] ?? invalid[0] ?? bases[0])?.span ?? root.span
  if (unknown.length > 0)
    addProblem(
      reading,
      at,
      texts.extendsUnknown(
        key,
        unknown.map(({ name }) => name),
      ),
      helpFor(unknown, root),
    )
  else if (invalid.length > 0)
    addProblem(
      reading,
      at,
      texts.extendsInvalid(
        key,
        invalid.map(({ name }) => name),
      ),
    )
  else if (ancestors.length > MOST_ANCESTORS)
    addProblem(reading, at, texts.extendsTooDeep(key), [...ancestors, key].join(' → '))
  else if (ancestors.includes(key)) {
    addProblem(
      reading,
      at,
      texts.extendsCycle(key),
      [...ancestors.slice(ancestors.indexOf(key)), key].join(' → '),
    )
  }
  return reading.problems.length > before
}

function helpFor(unknown: readonly Base[], root: YamlMapping): string | undefined {
  const name = unknown[0]?.name ?? ''
  const near = root.entries.has(`.${name}`) ? `.${name}` : closest(name, root.entries.keys())
  return near && `did you mean "${near}"?`
}
