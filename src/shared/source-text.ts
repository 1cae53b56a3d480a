import type { Diagnostic, Location, Sources, Span } from './diagnostic.ts'

const lineStarts = new WeakMap<object, Map<string, readonly number[]>>()

/** Turns a span into lines and columns (from 1). A file that is not in `sources` gives line 1, column 1. */
export function locate(sources: Sources, span: Span): Location {
  const starts = startsOf(sources, span.file)
  const from = position(starts, span.start)
  const end = Math.max(span.start, span.end)
  // Nearly every span ends in the line that it starts in, and there is nothing to search for.
  const inLine = end < (starts[from.line] ?? Infinity)
  const to = inLine ? { line: from.line, column: from.column + end - span.start } : position(starts, end)
  return { file: span.file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
}

/** Orders findings as a reader meets them: by file, line and column; those without a place come first. */
export function byPosition(a: Diagnostic, b: Diagnostic): number {
  if (!a.location || !b.location) return Number(Boolean(a.location)) - Number(Boolean(b.location))
  if (a.location.file !== b.location.file) return a.location.file < b.location.file ? -1 : 1
  return a.location.line - b.location.line || a.location.column - b.location.column
}

/**
 * The finding as text with a code frame:
 *
 *     .gitlab-ci.yml:12:11  error  needs.unknown
 *       test job: undefined need: biuld
 *        11 │   stage: test
 *      ▸ 12 │   needs: [biuld]
 *           │           ~~~~~ no job has this name
 */
export function renderDiagnostic(diagnostic: Diagnostic, sources: Sources): string {
  const { location } = diagnostic
  const place = location ? `${location.file}:${location.line}:${location.column}  ` : ''
  const lines = [
    `${place}${diagnostic.severity}  ${diagnostic.code}`,
    `  ${visible(diagnostic.message).replaceAll('\n', '\n  ')}`,
  ]
  if (location && sources.has(location.file))
    lines.push(...codeFrame(rowsOf(sources, location.file), location, diagnostic.help))
  else if (diagnostic.help) lines.push(`  ${diagnostic.help}`)
  for (const other of diagnostic.related ?? []) {
    lines.push(`  ${other.location.file}:${other.location.line}:${other.location.column}  ${other.message}`)
  }
  return lines.join('\n')
}

/** Columns of a row that are shown: a line of a megabyte helps nobody. */
const MOST_COLUMNS = 160
/** Of them, those before the finding, where the row is cut on the left. */
const COLUMNS_BEFORE = 60

function codeFrame(rows: readonly string[], location: Location, help: string | undefined): string[] {
  const first = Math.max(1, location.line - 2)
  const width = String(location.line).length
  const row = rows[location.line - 1] ?? ''
  const isLong = row.length > MOST_COLUMNS && location.column > MOST_COLUMNS - COLUMNS_BEFORE
  const from = isLong ? location.column - 1 - COLUMNS_BEFORE : 0
  const frame: string[] = []
  for (let number = first; number <= location.line; number++) {
    const mark = number === location.line ? '▸' : ' '
    frame.push(` ${mark} ${String(number).padStart(width)} │ ${cut(rows[number - 1] ?? '', from)}`)
  }
  const end = location.endLine === location.line ? location.endColumn : row.length + 1
  const last = Math.min(end, row.length + 1, from + MOST_COLUMNS + 1)
  const underline = '~'.repeat(Math.max(1, last - location.column))
  const hint = help ? ` ${help}` : ''
  const indent = ' '.repeat(Math.max(0, location.column - 1 - from))
  frame.push(` ${' '.repeat(width + 2)} │ ${indent}${underline}${hint}`)
  return frame
}

/** The part of a row that is shown; an ellipsis takes the place of the first and the last column of it. */
function cut(row: string, from: number): string {
  const shown = visible(row.slice(from, from + MOST_COLUMNS).replaceAll('\t', '→'))
  const head = from > 0 && shown !== '' ? `…${shown.slice(1)}` : shown
  return row.length > from + MOST_COLUMNS ? `${head.slice(0, -1)}…` : head
}

/** A terminal must not obey what somebody wrote into a file; each character keeps its column. */
function visible(text: string): string {
  return text.replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, '\uFFFD')
}

const fileRows = new WeakMap<object, Map<string, readonly string[]>>()

/** Split once: a file may have thousands of findings. */
function rowsOf(sources: Sources, file: string): readonly string[] {
  let files = fileRows.get(sources)
  if (!files) fileRows.set(sources, (files = new Map<string, readonly string[]>()))
  let found = files.get(file)
  if (!found) files.set(file, (found = (sources.get(file) ?? '').split(/\r\n|\r|\n/)))
  return found
}

function startsOf(sources: Sources, file: string): readonly number[] {
  let files = lineStarts.get(sources)
  if (!files) lineStarts.set(sources, (files = new Map<string, readonly number[]>()))
  let starts = files.get(file)
  if (!starts) files.set(file, (starts = findLineStarts(sources.get(file) ?? '')))
  return starts
}

function findLineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function position(starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}
