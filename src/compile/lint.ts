import { mergedDocument } from '../ci/merged-document.ts'
import type { IncludedFile } from '../ci/include/work.ts'
import { emptyFile, multiplePipelines } from '../ci/texts.ts'
import type { Diagnostic } from '../shared/diagnostic.ts'
import { dumpYaml } from '../yaml/dump/dump.ts'
import { compilePipeline, type CompileRequest } from './compile.ts'
import { readDocuments } from './documents.ts'
import { plannedJobs, staticJobs, type LintJob } from './lint-jobs.ts'

/** GitLab's answer about a configuration. */
export interface LintResult {
  readonly errors: readonly string[]
  /** Those that GitLab has; it knows fewer than Sluice. */
  readonly warnings: readonly string[]
  /** Null: the YAML or an include is wrong. */
  readonly mergedYaml: string | null
  /** Null: the YAML or an include is wrong. */
  readonly includes: readonly IncludedFile[] | null
  readonly jobs: readonly LintJob[]
}

/** GitLab: `Warnings::MAX_LIMIT`. */
const MOST_WARNINGS = 25

/** Checks the CI file of a request as GitLab's lint does; `simulate` also plans the request's pipeline. */
export async function lintPipeline(request: CompileRequest, simulate: boolean): Promise<LintResult> {
  const documents = await readDocuments(request)
  if (documents === undefined) return nothing([emptyFile.text])
  const { loaded, resolved, written, includes } = documents
  const read = {
    mergedYaml: resolved === null ? null : dumpYaml(mergedDocument(resolved)),
    includes: written === null ? null : includes,
  }
  if (!loaded.ok) return { ...nothing(messages(loaded.error.diagnostics)), ...read }
  const result = { ...nothing([]), ...read, warnings: warningsOf(loaded.value.warnings) }
  if (!simulate) return { ...result, jobs: staticJobs(loaded.value) }
  return { ...result, ...(await simulated(request)) }
}

/** GitLab: a pipeline that cannot be made says why with the first of its errors. */
async function simulated(request: CompileRequest): Promise<Pick<LintResult, 'errors' | 'jobs'>> {
  const outcome = await compilePipeline(request)
  switch (outcome.kind) {
    case 'plan':
      return { errors: [], jobs: plannedJobs(outcome.plan) }
    case 'invalid':
      return { errors: messages(outcome.diagnostics).slice(0, 1), jobs: [] }
    case 'missing_config':
      return { errors: [emptyFile.text], jobs: [] }
    default:
      return { errors: [outcome.message], jobs: [] }
  }
}

function nothing(errors: readonly string[]): LintResult {
  return { errors, warnings: [], mergedYaml: null, includes: null, jobs: [] }
}

function messages(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ message }) => message)
}

function warningsOf(warnings: readonly Diagnostic[]): string[] {
  return messages(warnings.filter(({ code }) => code === multiplePipelines.code)).slice(0, MOST_WARNINGS)
}
