import type { YamlEntry } from '../../yaml/node.ts'
import { shapeError, type Report, under } from '../report.ts'
import { unsupported } from '../texts.ts'

// Keywords that GitLab knows and Sluice does not carry out yet. Supporting one is taking it out of its list
// here and putting its reader into the table beside it (job.ts, root.ts, artifacts.ts, …). A file that uses
// one is refused, never half obeyed.

export const UNSUPPORTED_GLOBAL: readonly string[] = ['include', 'spec']

/**
 * `jobs:NAME:cache is not supported yet`, one for each such key. Null values are let pass: they ask for
 * nothing.
 */
export function reportUnsupported(
  entries: readonly YamlEntry[],
  keywords: readonly string[],
  report: Report,
): void {
  for (const { key, value } of entries) {
    const nothing = value.kind === 'scalar' && value.value === null
    if (!nothing && keywords.includes(key.text)) shapeError(under(report, key.text), key.span, unsupported)
  }
}
