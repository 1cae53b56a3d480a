/** Where a node was written: offsets in UTF-16 code units of one file's text. */
export interface Span {
  readonly file: string
  readonly start: number
  readonly end: number
}

/** A span as a person reads it; line and column count from 1. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/**
 * One finding. `message` is GitLab's sentence, unchanged, where GitLab has one; `help` is our own line below it.
 * `code` is stable and may be matched by machines (`needs.unknown`).
 */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly location?: Location
  readonly help?: string
  readonly related?: readonly { readonly message: string; readonly location: Location }[]
}

/** The text of every file that was read, so that a span can become a location and a code frame. */
export type Sources = ReadonlyMap<string, string>
