import type { IncludePort } from '../ci/include/port.ts'
import type { IncludedFile } from '../ci/include/work.ts'
import { mergedDocument } from '../ci/merged-document.ts'
import { emptyFile, multiplePipelines } from '../ci/texts.ts'
import type { Diagnostic } from '../shared/diagnostic.ts'
import { dumpYaml } from '../yaml/dump/dump.ts'
import type { CompileRequest } from './compile.ts'
import type { Watch } from './compose-document.ts'
import { loadDocuments } from './documents.ts'
import { plannedJobs, staticJobs, type LintJob } from './lint-jobs.ts'
import { openTask } from './open-task.ts'
import { pipelineForm, type PipelineForm } from './pipeline-form.ts'
import { type DocumentOutcome, planDocument, type PlanTask } from './plan-document.ts'

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
  /** What a form for a new pipeline asks for; there when it was wanted. */
  readonly form?: PipelineForm
}

/** GitLab: `Warnings::MAX_LIMIT`. */
const MOST_WARNINGS = 25

/** What a check is to find out. */
export interface LintOptions {
  /** Also plan the pipeline of a push. */
  readonly simulate: boolean
  /** List the jobs. */
  readonly jobs: boolean
  /** Say what a form for a new pipeline asks for. */
  readonly form?: true
}

/** Checks a CI file as GitLab's lint does. */
export async function lintDocument(
  task: PlanTask,
  { simulate, jobs, form }: LintOptions,
  port: IncludePort,
  watch?: Watch,
): Promise<LintResult> {
  const document = await loadDocuments(task, port, watch)
  const { loaded, resolved, written, includes } = document
  const read = {
    ...(form ? { form: pipelineForm(task, document) } : {}),
    mergedYaml: resolved === null ? null : dumpYaml(mergedDocument(resolved)),
    includes: written === null ? null : includes,
  }
  if (!loaded.ok) return { ...nothing(messages(loaded.error.diagnostics)), ...read }
  const result = { ...nothing([]), ...read, warnings: warningsOf(loaded.value.warnings) }
  if (!simulate) return { ...result, jobs: jobs ? staticJobs(loaded.value) : [] }
  const planned = simulated(await planDocument(task, port))
  return { ...result, ...planned, jobs: jobs ? planned.jobs : [] }
}

/** Who lints a document: this thread, or another. */
export type Linter = (task: PlanTask, options: LintOptions, port: IncludePort) => Promise<LintResult>

/** Checks the CI file of a request. */
export async function lintWith(
  request: CompileRequest,
  options: LintOptions,
  linter: Linter,
): Promise<LintResult> {
  const opened = await openTask(request)
  if (opened === undefined) return nothing([emptyFile.text])
  try {
    return await linter(opened.task, options, opened.port)
  } finally {
    opened.close()
  }
}

/** GitLab: a pipeline that cannot be made says why with the first of its errors. */
function simulated(outcome: DocumentOutcome<unknown>): Pick<LintResult, 'errors' | 'jobs'> {
  switch (outcome.kind) {
    case 'plan':
      return { errors: [], jobs: plannedJobs(outcome.plan) }
    case 'invalid':
      return { errors: messages(outcome.diagnostics).slice(0, 1), jobs: [] }
    default:
      return { errors: [outcome.message], jobs: [] }
  }
}

/** An answer that only says what is wrong. */
export function refusedLint(diagnostics: readonly Diagnostic[]): LintResult {
  return nothing(messages(diagnostics))
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
