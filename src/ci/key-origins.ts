import type { Span } from '../shared/diagnostic.ts'
import type { YamlEntry, YamlMapping, YamlNode } from '../yaml/node.ts'
import { DEFAULT_KEYWORDS, DEPRECATED_GLOBALS } from './config/default-keywords.ts'
import { INHERIT_ALL, inherits } from './config/inherit.ts'
import type { JobConfig } from './config.ts'

/** Where a key of a job comes from. */
export interface KeyOrigin {
  readonly key: string
  /** `extends .base`, `default`, `an alias`, `!reference [.setup, script]`; null: it is written in the job. */
  readonly through: string | null
  readonly span: Span
}

/** Every key that a job ends up with, its own ones first, then what came from `default` and the top level. */
export function keyOrigins(job: JobConfig, written: YamlMapping): KeyOrigin[] {
  const node = written.entries.get(job.name)?.value
  if (node?.kind !== 'mapping') return []
  const own = keysOf(job.name, written, [])
  return [...own, ...defaultsOf(job, new Set(own.map(({ key }) => key)), written)]
}

/** The job's own keys, then those of its bases; a later base beats an earlier one. */
function keysOf(name: string, written: YamlMapping, way: readonly string[]): KeyOrigin[] {
  const node = written.entries.get(name)?.value
  // A circle is an error that was reported; nothing is shown twice.
  if (node?.kind !== 'mapping' || way.includes(name)) return []
  const found = new Map<string, KeyOrigin>()
  for (const [key, entry] of node.entries) {
    if (key !== 'extends')
      found.set(key, originOf(entry, node, [...way.slice(1), ...(way.length > 0 ? [name] : [])]))
  }
  for (const base of basesOf(node).toReversed()) {
    for (const origin of keysOf(base, written, [...way, name]))
      if (!found.has(origin.key)) found.set(origin.key, origin)
  }
  return [...found.values()]
}

function originOf({ key, value }: YamlEntry, owner: YamlMapping, bases: readonly string[]): KeyOrigin {
  const ways = [
    ...(bases.length > 0 ? [`extends ${bases.join(' → ')}`] : []),
    ...(isInside(key.span, owner.span) ? [] : ['an alias']),
    ...(value.kind === 'reference' ? [`!reference [${value.path.join(', ')}]`] : []),
  ]
  return { key: key.text, through: ways.length === 0 ? null : ways.join(', '), span: key.span }
}

/** Keys that a merge key brought in stand where their anchor is. */
function isInside(inner: Span, outer: Span): boolean {
  return inner.file !== outer.file || (inner.start >= outer.start && inner.end <= outer.end)
}

function basesOf(node: YamlMapping): string[] {
  const written: YamlNode | undefined = node.entries.get('extends')?.value
  if (written?.kind === 'scalar') return [written.text]
  return written?.kind === 'sequence'
    ? written.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []))
    : []
}

function defaultsOf({ keywords }: JobConfig, own: ReadonlySet<string>, written: YamlMapping): KeyOrigin[] {
  const choice = (keywords.inherit ?? INHERIT_ALL).default
  const defaults = written.entries.get('default')?.value
  return DEFAULT_KEYWORDS.flatMap((key) => {
    if (own.has(key) || !inherits(choice, key)) return []
    const entry = defaults?.kind === 'mapping' ? defaults.entries.get(key) : undefined
    if (entry !== undefined) return [{ key, through: 'default', span: entry.key.span }]
    const global = DEPRECATED_GLOBALS.includes(key) ? written.entries.get(key) : undefined
    return global === undefined ? [] : [{ key, through: 'the top level', span: global.key.span }]
  })
}
