import type { Diagnostic, Location, Sources, Span } from '../shared/diagnostic.ts'
import { locate } from '../shared/source-text.ts'

/** Collects what is wrong with one file, so that a reader sees all of it at once. */
export interface Report {
  readonly sources: Sources
  readonly diagnostics: Diagnostic[]
}

export interface Complaint {
  /** Without the `config.` in front. */
  readonly code: string
  readonly message: string
  readonly help?: string
  readonly related?: { readonly message: string; readonly span: Span }
}

/** Notes an error at `span`; returns undefined, the value that could not be read. */
export function complain(report: Report, span: Span, { code, message, help, related }: Complaint): undefined {
  report.diagnostics.push({
    severity: 'error',
    code: `config.${code}`,
    message,
    location: locationOf(report, span),
    ...(help === undefined ? {} : { help }),
    ...(related === undefined
      ? {}
      : { related: [{ message: related.message, location: locationOf(report, related.span) }] }),
  })
  return undefined
}

export function locationOf(report: Report, span: Span): Location {
  return locate(report.sources, span)
}
