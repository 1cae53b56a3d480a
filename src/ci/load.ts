import type { YamlMapping } from '../yaml/node.ts'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { byPosition } from '../shared/source-text.ts'
import type { Config, JobConfig, RuleConfig, WorkflowConfig } from './config.ts'
import { readDocument } from './document.ts'
import { resolveExtends } from './config/extends.ts'
import { checkGraph } from './config/graph.ts'
import { readJobs } from './config/jobs.ts'
import { resolveReferences } from './config/reference.ts'
import { readGlobals } from './config/root.ts'
import { reportUnsupported, UNSUPPORTED_GLOBAL } from './config/unsupported.ts'
import { type Reading, startReading } from './report.ts'

/** Reads a file that an `include` names, by its path in the repository; undefined when there is none. */
export type FileReader = (path: string) => Promise<string | undefined>

export interface LoadFailure {
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: Sources
}

/**
 * A CI file as a validated document, or everything that is wrong with it: all entry errors in order of
 * position; logical errors (stages, needs, dependencies) only when there are none of the former, as in
 * GitLab, whose first sentence then leads.
 */
export async function load(
  root: { readonly path: string; readonly text: string },
  read: FileReader,
): Promise<Result<Config, LoadFailure>> {
  return (await loadWithDocument(root, read)).loaded
}

/** What was read on the way to a `Config`, for those who show it: lint, preview, explain. */
export interface LoadedDocument {
  readonly loaded: Result<Config, LoadFailure>
  /** As written, includes merged in: `extends` and `!reference` still stand. Null: the YAML is wrong. */
  readonly written: YamlMapping | null
  /** With `extends` and `!reference` resolved. Null: something before that was wrong. */
  readonly resolved: YamlMapping | null
}

/** The same, with the documents that it was made from. */
export function loadWithDocument(
  root: { readonly path: string; readonly text: string },
  _read: FileReader,
): Promise<LoadedDocument> {
  const reading = startReading(new Map([[root.path, root.text]]))
  const { config, written, resolved } = readConfig(root, reading)
  const loaded = config === undefined ? err(failure(reading)) : ok(config)
  return Promise.resolve({ loaded, written: written ?? null, resolved: resolved ?? null })
}

function failure({ problems, sources }: Reading): LoadFailure {
  return { diagnostics: problems, sources }
}

/**
 * GitLab's order: YAML, extends, references, edge stages, entries with their defaults, then the checks
 * between jobs.
 */
function readConfig(
  root: { readonly path: string; readonly text: string },
  reading: Reading,
): { config?: Config | undefined; written?: YamlMapping | undefined; resolved?: YamlMapping | undefined } {
  const document = readDocument(root, reading)
  if (document !== undefined) refuseIncludes(document, reading)
  const extended = reading.problems.length > 0 ? undefined : document && resolveExtends(document, reading)
  const resolved = extended && resolveIn(extended, root.text, reading)
  const entries = resolved && readEntries(resolved, reading)
  if (reading.problems.length > 0) reading.problems.sort(byPosition)
  const documents = { written: document, resolved }
  if (entries === undefined || reading.problems.length > 0) return documents
  reading.problems.push(...checkGraph(entries.jobs, entries.stages, reading.sources))
  if (reading.problems.length > 0) return documents
  const config = {
    ...entries,
    sources: reading.sources,
    warnings: reading.warnings.toSorted(byPosition),
    wants: wantsOf(entries.jobs, entries.workflow),
  }
  return { ...documents, config }
}

/**
 * What an include would have brought is missing everywhere: anything else found in such a file would be
 * noise.
 */
function refuseIncludes(document: YamlMapping, reading: Reading): void {
  const entry = document.entries.get('include')
  if (entry !== undefined) reportUnsupported([entry], UNSUPPORTED_GLOBAL, { reading, path: '' })
}

/** Most files have no reference, and are not walked for one. */
function resolveIn(document: YamlMapping, text: string, reading: Reading): YamlMapping | undefined {
  return text.includes('!reference') ? resolveReferences(document, reading) : document
}

function readEntries(
  document: YamlMapping,
  reading: Reading,
): Pick<Config, 'stages' | 'variables' | 'workflow' | 'jobs'> {
  const report = { reading, path: '' }
  const globals = readGlobals(document, report)
  const jobs = readJobs(document, globals, report)
  return { stages: globals.stages, variables: globals.variables, workflow: globals.workflow, jobs }
}

function wantsOf(jobs: ReadonlyMap<string, JobConfig>, workflow: WorkflowConfig): Config['wants'] {
  const rules: RuleConfig[] = [...(workflow.rules ?? [])]
  let policies = false
  for (const { keywords } of jobs.values()) {
    if (keywords.rules !== undefined) rules.push(...keywords.rules)
    policies ||= Boolean(keywords.only?.changes ?? keywords.except?.changes)
  }
  return {
    changedPaths: policies || rules.some((rule) => rule.changes !== null && rule.changes.compareTo === null),
    treePaths: rules.some((rule) => rule.exists !== null),
  }
}
