import type { Span } from '../shared/diagnostic.ts'

/** A YAML document as Ruby's Psych loads it. Plain cloneable data; an alias shares the node object of its anchor. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping | YamlReference

export interface YamlScalar {
  readonly kind: 'scalar'
  /** As Psych types it: `yes` is true, `010` is 8, `1e3` a string. An integer beyond 2^53 is exact only in `text`. */
  readonly value: string | number | boolean | null
  /** Ruby's `to_s` of the value: `1.10` gives `1.1`, `yes` gives `true`, `~` the empty string. */
  readonly text: string
  readonly span: Span
}

export interface YamlSequence {
  readonly kind: 'sequence'
  readonly items: readonly YamlNode[]
  readonly span: Span
}

export interface YamlMapping {
  readonly kind: 'mapping'
  /** In the order Ruby's Hash has them: merge keys applied, the last of several equal keys kept in the place of the first. */
  readonly entries: ReadonlyMap<string, YamlEntry>
  readonly span: Span
}

export interface YamlEntry {
  /** The map's key is `key.text`. A key that is a collection has the value null and Ruby's `inspect` as its text. */
  readonly key: YamlScalar
  readonly value: YamlNode
}

/** `!reference [job, key]`. */
export interface YamlReference {
  readonly kind: 'reference'
  readonly path: readonly string[]
  readonly span: Span
}
