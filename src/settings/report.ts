import type { Diagnostic, Location, Sources, Span } from '../shared/diagnostic.ts'
import { locate } from '../shared/source-text.ts'

/** Collects what is wrong with one file, so that a reader sees all of it at once. */
export interface Report {
  readonly sources: Sources
  /** With one of these the file cannot be used. */
  readonly diagnostics: Diagnostic[]
  /** Each costs an entry of the file; what stands beside it is whole. */
  readonly leftOut: Diagnostic[]
}

export interface Complaint {
  /** Without the `config.` in front. */
  readonly code: string
  readonly message: string
  readonly help?: string
  readonly related?: { readonly message: string; readonly span: Span }
}

/** Notes an error at `span`; returns undefined, the value that could not be read. */
export function complain(report: Report, span: Span, complaint: Complaint): undefined {
  report.diagnostics.push(diagnostic(report, span, complaint, 'error'))
  return undefined
}

/**
 * Notes at `span` why the entry around it is left out; returns undefined. A `warning` is about the machine: the file is right,
 * and may hold again without a change.
 */
export function leaveOut(
  report: Report,
  span: Span,
  complaint: Complaint,
  severity: Diagnostic['severity'] = 'error',
): undefined {
  report.leftOut.push(diagnostic(report, span, complaint, severity))
  return undefined
}

function diagnostic(
  report: Report,
  span: Span,
  { code, message, help, related }: Complaint,
  severity: Diagnostic['severity'],
): Diagnostic {
  return {
    severity,
    code: `config.${code}`,
    message,
    location: locationOf(report, span),
    ...(help === undefined ? {} : { help }),
    ...(related === undefined
      ? {}
      : { related: [{ message: related.message, location: locationOf(report, related.span) }] }),
  }
}

export function locationOf(report: Report, span: Span): Location {
  return locate(report.sources, span)
}
