import type { Diagnostic, Sources, Span } from '../shared/diagnostic.ts'
import { locate } from '../shared/source-text.ts'
import type { Result } from '../shared/result.ts'
import type { Expression, ExpressionError } from './expression/expression.ts'
import type { Finding } from './texts.ts'

/** What one reading of a document shares between all its readers. */
export interface Reading {
  readonly sources: Sources
  readonly problems: Diagnostic[]
  readonly warnings: Diagnostic[]
  /** Expressions by their text: the same `if` stands in many jobs. */
  readonly expressions: Map<string, Result<Expression, ExpressionError>>
}

/**
 * Where a reader stands: GitLab's location, the keys joined by colons (`jobs:rspec:artifacts`), empty at the
 * root.
 */
export interface Report {
  readonly reading: Reading
  readonly path: string
}

export function startReading(sources: Sources): Reading {
  return { sources, problems: [], warnings: [], expressions: new Map() }
}

export function under(report: Report, key: string): Report {
  return { reading: report.reading, path: report.path === '' ? key : `${report.path}:${key}` }
}

/**
 * An entry error: `<location> <attribute> <text>`. GitLab lower-cases the whole line, names included
 * (`full_messages.map { "#{location} #{error}".downcase }`) and writes attributes as words: `expire_in` ->
 * `expire in`.
 */
export function entryError(
  report: Report,
  span: Span,
  attribute: string,
  finding: Finding,
  help?: string,
): undefined {
  const words = [report.path, attribute.replace(/[._]/g, ' '), finding.text]
  const message = words
    .filter((word) => word !== '')
    .join(' ')
    .toLowerCase()
  return addProblem(report.reading, span, { code: finding.code, text: message }, help)
}

/** An error about the node itself, which GitLab calls `config`. */
export function configError(report: Report, span: Span, finding: Finding, help?: string): undefined {
  return entryError(report, span, 'config', finding, help)
}

/** GitLab's "unknown strategy" errors: location and text, no attribute, case kept. */
export function shapeError(report: Report, span: Span, finding: Finding, help?: string): undefined {
  return addProblem(
    report.reading,
    span,
    { code: finding.code, text: `${report.path} ${finding.text}`.trim() },
    help,
  )
}

/** A whole sentence, as it stands. */
export function addProblem(reading: Reading, span: Span, finding: Finding, help?: string): undefined {
  reading.problems.push(diagnosticAt(reading.sources, span, finding, help))
  return undefined
}

export function diagnosticAt(sources: Sources, span: Span, finding: Finding, help?: string): Diagnostic {
  const location = locate(sources, span)
  const found: Diagnostic = { severity: 'error', code: finding.code, message: finding.text, location }
  return help === undefined ? found : { ...found, help }
}
