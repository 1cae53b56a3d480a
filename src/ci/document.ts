import type { Diagnostic } from '../shared/diagnostic.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { YamlMapping } from '../yaml/node.ts'
import type { YamlLimits } from '../yaml/limits.ts'
import { parseYaml } from '../yaml/parse.ts'
import { diagnosticAt } from './report.ts'
import { emptyFile, invalidFormat } from './texts.ts'

/** A CI file as YAML: its hash, and the header above it. Inputs are not yet put in. */
export interface ParsedFile {
  /** The first of two documents, when it has the key `spec`. */
  readonly header: YamlMapping | null
  /** Null: the file holds nothing but comments. */
  readonly body: YamlMapping | null
  readonly warnings: readonly Diagnostic[]
}

/** The documents of a CI file, or what is wrong with its YAML. */
export function parseFile(
  file: { readonly path: string; readonly text: string },
  limits?: YamlLimits,
): Result<ParsedFile, Diagnostic> {
  const start = { file: file.path, start: 0, end: 0 }
  const refuse = (span: typeof start, help?: string): Result<never, Diagnostic> =>
    err(diagnosticAt(new Map([[file.path, file.text]]), span, invalidFormat, help))
  if (looksLikeHtml(file.text)) return refuse(start, 'this is an HTML page')
  const parsed = parseYaml(file.text, file.path, limits)
  if (!parsed.ok) return parsed
  const { documents, warnings } = parsed.value
  const [first, second] = documents
  if (first === undefined) return ok({ header: null, body: null, warnings })
  // GitLab: a first document with the key `spec` is a header when another one follows, and that is the configuration.
  const hasHeader = first.kind === 'mapping' && first.entries.has('spec') && second !== undefined
  const body = hasHeader ? second : first
  if (body.kind !== 'mapping') {
    return refuse(body.span, 'the top level of a CI file is a list of "key: value" pairs')
  }
  return ok({ header: hasHeader ? first : null, body, warnings })
}

/** What GitLab says of a first file without content. */
export function missingContent(file: { readonly path: string; readonly text: string }): Diagnostic {
  return diagnosticAt(new Map([[file.path, file.text]]), { file: file.path, start: 0, end: 0 }, emptyFile)
}

/** GitLab looks at the first 512 bytes. */
function looksLikeHtml(text: string): boolean {
  const start = text.slice(0, 512).toLowerCase()
  return start.includes('<html') || start.includes('<!doctype html')
}
