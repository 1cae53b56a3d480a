import type { YamlMapping } from '../yaml/node.ts'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { byPosition } from '../shared/source-text.ts'
import type { Config, JobConfig, RuleConfig, WorkflowConfig } from './config.ts'
import { resolveExtends } from './config/extends.ts'
import { checkGraph, checkReadJobs } from './config/graph.ts'
import { readEntries } from './config/entries.ts'
import { resolveReferences } from './config/reference.ts'
import {
  compose,
  type ComposeFailure,
  type ComposeOptions,
  type Composition,
  type RootFile,
} from './include/compose.ts'
import { localFiles } from './include/local-files.ts'
import { withOrigin } from './include/origin.ts'
import type { IncludedFile } from './include/work.ts'
import { problemsBeside, problemsWithoutIncludes } from './later-problems.ts'
import { type Reading, startReading } from './report.ts'

/** Reads a file of the same repository that an `include` names; undefined when there is none. */
export type FileReader = (path: string) => Promise<string | undefined>

export interface LoadFailure {
  /** What GitLab says, in order of position. */
  readonly diagnostics: readonly Diagnostic[]
  /** What GitLab would say next, once these are gone, as far as it is certain already. */
  readonly later?: readonly Diagnostic[]
  readonly warnings?: readonly Diagnostic[]
  readonly sources: Sources
}

/**
 * A CI file as a validated document, or everything that is wrong with it: all entry errors in order of
 * position; logical errors (stages, needs, dependencies) only when there are none of the former, as in
 * GitLab, whose first sentence then leads. `from` tells where includes are read and what the inputs are.
 */
export async function load(
  root: RootFile,
  from: FileReader | ComposeOptions = {},
): Promise<Result<Config, LoadFailure>> {
  return (await loadWithDocument(root, from)).loaded
}

/** What was read on the way to a `Config`, for those who show it: lint, preview, explain. */
export interface LoadedDocument {
  readonly loaded: Result<Config, LoadFailure>
  /** Includes merged in: `extends` and `!reference` still stand. Null: the YAML or an include is wrong. */
  readonly written: YamlMapping | null
  /** With `extends` and `!reference` resolved. Null: something before that was wrong. */
  readonly resolved: YamlMapping | null
  /** All included files, in the order in which they were met. */
  readonly includes: readonly IncludedFile[]
}

/** The same, with the documents that it was made from. */
export async function loadWithDocument(
  root: RootFile,
  from: FileReader | ComposeOptions = {},
): Promise<LoadedDocument> {
  const options = typeof from === 'function' ? { port: localFiles(from) } : from
  const composed = await compose(root, options)
  return readComposed(composed)
}

/** What a composition was read into, or all that is wrong with one that did not come about. */
export function readComposed(composed: Result<Composition, ComposeFailure>): LoadedDocument {
  if (composed.ok) return readComposition(composed.value)
  const { file, ...failure } = composed.error
  const later = file ? problemsWithoutIncludes(file, failure.sources) : []
  return { loaded: err({ ...failure, later }), written: null, resolved: null, includes: [] }
}

/** The second half of `loadWithDocument`, which needs nothing but the merged document. */
export function readComposition(composition: Composition): LoadedDocument {
  const { sources, trails } = composition
  const reading = startReading(sources)
  reading.warnings.push(...composition.warnings)
  const { config, resolved, later = [] } = readConfig(composition, reading)
  const placed = (diagnostic: Diagnostic): Diagnostic => withOrigin(diagnostic, trails, sources)
  const loaded =
    config === undefined
      ? err({
          diagnostics: reading.problems.map(placed),
          later: later.map(placed),
          warnings: reading.warnings.map(placed),
          sources,
        })
      : ok(config)
  return { loaded, written: composition.document, resolved: resolved ?? null, includes: composition.includes }
}

/**
 * GitLab's order: extends, references, edge stages, entries with their defaults, then the checks between
 * jobs.
 */
function readConfig(
  { document, trails, includes }: Composition,
  reading: Reading,
): { config?: Config | undefined; resolved?: YamlMapping | undefined; later?: readonly Diagnostic[] } {
  const { document: extended, failed } = resolveExtends(document, reading)
  const beside = failed.size > 0 ? startReading(reading.sources) : reading
  const resolved = resolveIn(extended, beside, failed)
  if (reading.problems.length > 0 || beside.problems.length > 0) {
    reading.problems.sort(byPosition)
    const others = problemsBeside({ written: document, resolved, failed }, reading.sources)
    return { later: beside === reading ? others : [...beside.problems, ...others] }
  }
  const entries = readEntries(resolved, reading)
  if (reading.problems.length > 0) reading.problems.sort(byPosition)
  const { unread: _unread, stagesAreRead, ...read } = entries
  if (reading.problems.length > 0) {
    const later = stagesAreRead ? checkReadJobs(entries, entries.stages, reading.sources) : []
    return { resolved, later }
  }
  reading.problems.push(...checkGraph(entries.jobs, entries.stages, reading.sources))
  if (reading.problems.length > 0) return { resolved }
  const config: Config = {
    ...read,
    sources: reading.sources,
    trails,
    includes,
    warnings: reading.warnings.toSorted(byPosition),
    wants: wantsOf(entries.jobs, entries.workflow),
  }
  return { config, resolved }
}

/** Most files have no reference, and are not walked for one. */
function resolveIn(document: YamlMapping, reading: Reading, unknown: ReadonlySet<string>): YamlMapping {
  const referring = [...reading.sources.values()].some((text) => text.includes('!reference'))
  return referring ? resolveReferences(document, reading, unknown) : document
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
