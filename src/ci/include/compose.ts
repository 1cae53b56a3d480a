import type { Diagnostic, Sources, Span } from '../../shared/diagnostic.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { byPosition } from '../../shared/source-text.ts'
import { DEFAULT_YAML_LIMITS, type YamlLimits } from '../../yaml/limits.ts'
import type { YamlMapping } from '../../yaml/node.ts'
import { missingContent, type ParsedFile } from '../document.ts'
import { type GivenInputs, NO_INPUTS } from '../inputs/bind.ts'
import { diagnosticAt, startReading } from '../report.ts'
import { invalidFormat } from '../texts.ts'
import { expandIncludes, fillIn } from './expand.ts'
import { parsedOnce } from './files.ts'
import { type DocumentCache, type IncludePort, NO_INCLUDES } from './port.ts'
import { withOrigin } from './origin.ts'
import type { IncludeScope } from './scope.ts'
import {
  DEFAULT_INCLUDE_LIMITS,
  type IncludedFile,
  type IncludeLimits,
  type IncludeWork,
  variablesOf,
} from './work.ts'

/** The file that a pipeline begins with. */
export interface RootFile {
  readonly path: string
  readonly text: string
  /** Blob id or hash; without it nothing is remembered about the file. */
  readonly identity?: string
}

/** All files of a configuration as one document. */
export interface Composition {
  /** Inputs put in, includes merged; `extends` and `!reference` still stand. */
  readonly document: YamlMapping
  readonly sources: Sources
  readonly warnings: readonly Diagnostic[]
  readonly includes: readonly IncludedFile[]
  /** The includes that brought a file in, the nearest first. */
  readonly trails: ReadonlyMap<string, readonly Span[]>
  /** Equal for equal documents: names and identities of all files, their nesting, and what their inputs became. */
  readonly key: string
}

export interface ComposeOptions {
  readonly port?: IncludePort
  readonly inputs?: GivenInputs
  readonly limits?: IncludeLimits
  readonly yaml?: YamlLimits
  readonly documents?: DocumentCache<ParsedFile>
}

export interface ComposeFailure {
  readonly diagnostics: readonly Diagnostic[]
  readonly warnings: readonly Diagnostic[]
  readonly sources: Sources
  /** The first file with its inputs put in, when only its includes are wrong. */
  readonly file?: YamlMapping
}

/**
 * Reads a file with everything it includes. In GitLab's order, file by file: header, inputs, blocks, then its includes;
 * these are merged in the order listed, each with its own includes beneath it, and the file itself comes last. The error
 * is all that is wrong, in order of position, each finding with the includes that led to it.
 */
export async function compose(
  root: RootFile,
  {
    port = NO_INCLUDES,
    inputs = NO_INPUTS,
    limits = DEFAULT_INCLUDE_LIMITS,
    yaml = DEFAULT_YAML_LIMITS,
    documents = FORGETFUL,
  }: ComposeOptions,
): Promise<Result<Composition, ComposeFailure>> {
  const sources = new Map([[root.path, root.text]])
  if (root.text.trim() === '') return err({ diagnostics: [missingContent(root)], warnings: [], sources })
  const work: IncludeWork = {
    port,
    limits,
    yaml,
    sources,
    reading: startReading(sources),
    documents,
    included: [],
    trails: new Map(),
    key: [],
    variables: undefined,
    counted: 0,
    bytes: 0,
    stopped: false,
  }
  const { document, file } = await composeRoot(root, inputs, work)
  const { problems, warnings } = work.reading
  const placed = (diagnostic: Diagnostic): Diagnostic => withOrigin(diagnostic, work.trails, sources)
  if (document === undefined || problems.length > 0) {
    return err({
      diagnostics: problems.toSorted(byPosition).map(placed),
      warnings: warnings.map(placed),
      sources,
      ...(file && !work.stopped ? { file } : {}),
    })
  }
  return ok({
    document,
    sources,
    warnings: warnings.map(placed),
    includes: work.included,
    trails: work.trails,
    key: work.key.join('\n'),
  })
}

const FORGETFUL: DocumentCache<ParsedFile> = { get: () => undefined, set: () => undefined }

async function composeRoot(
  root: RootFile,
  inputs: GivenInputs,
  work: IncludeWork,
): Promise<{ readonly document?: YamlMapping | undefined; readonly file?: YamlMapping | undefined }> {
  const file = { file: root.path, text: root.text, identity: root.identity ?? null }
  const parsed = parsedOnce(file, work)
  if (!parsed.ok) {
    work.reading.problems.push(parsed.error)
    return {}
  }
  const start = { file: root.path, start: 0, end: 0 }
  if (parsed.value.body === null) {
    const help = 'the top level of a CI file is a list of "key: value" pairs'
    work.reading.problems.push(diagnosticAt(work.sources, start, invalidFormat, help))
    return {}
  }
  // Most files have neither header nor includes, and nothing more is asked about them.
  const plain =
    parsed.value.header === null && !parsed.value.body.entries.has('include') && inputs.values.size === 0
  if (plain) {
    work.key.push(`0 ${root.path} ${root.identity ?? ''}`)
    return { document: parsed.value.body }
  }
  const scope: IncludeScope = {
    at: work.port.root,
    anonymous: work.port.anonymous,
    variables: await variablesOf(work),
    component: null,
    localPath: null,
  }
  const body = await fillIn(
    { ...file, parsed: parsed.value, body: parsed.value.body, given: inputs, span: start, level: 0 },
    scope,
    work,
  )
  if (body === undefined) return {}
  const document = await expandIncludes(body, scope, { files: [root.path], spans: [] }, work)
  return { document, file: body }
}
