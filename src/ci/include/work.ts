import type { Diagnostic, Span } from '../../shared/diagnostic.ts'
import { addProblem, type Reading } from '../report.ts'
import type { Finding } from '../texts.ts'
import type { YamlLimits } from '../../yaml/limits.ts'
import type { DocumentCache, IncludePort } from './port.ts'
import type { ParsedFile } from '../document.ts'
import type { Variable } from '../../model/variable.ts'

/** GitLab: `ci_max_includes`, `ci_max_total_yaml_size_bytes`. */
export interface IncludeLimits {
  readonly files: number
  /** Of all included files together. */
  readonly bytes: number
}

export const DEFAULT_INCLUDE_LIMITS: IncludeLimits = { files: 150, bytes: 150 * 2 * 1024 * 1024 }

/** A file that was put into the document, and from where. */
export interface IncludedFile {
  /** As diagnostics call it. */
  readonly file: string
  /** GitLab's word: the files of other projects are of type `file`. */
  readonly type: 'local' | 'file' | 'remote' | 'template' | 'component' | 'artifact'
  /** As the include names it, variables expanded; masked values are crossed out. */
  readonly location: string
  /** The project and commit of the file that includes it. */
  readonly contextProject: string | null
  readonly contextSha: string | null
  /** For files of other projects. */
  readonly project: string | null
  readonly ref: string | null
  /** The include itself. */
  readonly span: Span
}

/** What one composition shares between all its files. */
export interface IncludeWork {
  readonly port: IncludePort
  readonly limits: IncludeLimits
  readonly yaml: YamlLimits
  readonly sources: Map<string, string>
  readonly reading: Reading
  readonly documents: DocumentCache<ParsedFile>
  readonly included: IncludedFile[]
  /** The includes that first brought a file in, the nearest first. */
  readonly trails: Map<string, readonly Span[]>
  /** Names file by file what the document is made of. */
  readonly key: string[]
  variables: ReadonlyMap<string, Variable> | undefined
  counted: number
  bytes: number
  /** A limit was passed: nothing more is looked at. */
  stopped: boolean
}

export function complain(work: IncludeWork, span: Span, finding: Finding, help?: string | null): undefined {
  return addProblem(work.reading, span, finding, help ?? undefined)
}

export function warn(work: IncludeWork, diagnostic: Diagnostic): void {
  work.reading.warnings.push(diagnostic)
}

/** The variables that includes see, asked for when the first include is met. */
export async function variablesOf(work: IncludeWork): Promise<ReadonlyMap<string, Variable>> {
  work.variables ??= new Map((await work.port.variables()).map((variable) => [variable.key, variable]))
  return work.variables
}
