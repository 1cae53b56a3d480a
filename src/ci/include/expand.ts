import type { Span } from '../../shared/diagnostic.ts'
import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import { isMapping, isNull } from '../config/nodes.ts'
import type { GivenInput, GivenInputs } from '../inputs/bind.ts'
import { notGivenAsHash } from '../inputs/texts.ts'
import { fillInputs, type FileToFill } from './fill-inputs.ts'
import { headerInputs } from './header-includes.ts'
import { locateIncludes, type IncludeGrammar, type LocatedInclude } from './locate.ts'
import { mergeDocuments, without } from './merge.ts'
import { parsedOnce, prefixed, readAll, stopAt } from './files.ts'
import type { FoundFile, Refusal } from './port.ts'
import type { IncludeScope } from './scope.ts'
import { noContent, SUBKEYS, tooMuchContent } from './texts.ts'
import { complain, type IncludedFile, type IncludeWork } from './work.ts'

/** The way to a file: from the first file to it, and the includes on the way, the nearest first. */
export interface Trail {
  readonly files: readonly string[]
  readonly spans: readonly Span[]
}

const GRAMMAR: IncludeGrammar = { word: 'include', subkeys: SUBKEYS }

/** Puts the inputs into a file; undefined when something was wrong, which is then reported. */
export async function fillIn(
  file: FileToFill,
  scope: IncludeScope,
  work: IncludeWork,
): Promise<YamlMapping | undefined> {
  return fillInputs(file, scope, work, (node) => headerInputs(node, scope, work))
}

/** A document with all that it includes beneath it. Undefined when a limit was passed. */
export async function expandIncludes(
  body: YamlMapping,
  scope: IncludeScope,
  trail: Trail,
  work: IncludeWork,
): Promise<YamlMapping | undefined> {
  const include = body.entries.get('include')
  if (include === undefined) return body
  const located = await locateIncludes(include.value, GRAMMAR, scope, work)
  const documents: YamlMapping[] = []
  for (const [index, answer] of (await readAll(located, trail.files, work)).entries()) {
    const one = located[index]
    if (one === undefined || work.stopped) break
    const document = await includeOne(one, answer, scope, trail, work)
    if (document !== undefined) documents.push(document)
  }
  return work.stopped ? undefined : mergeDocuments(documents, without(body, 'include'))
}

async function includeOne(
  { location, target }: LocatedInclude,
  answer: FoundFile | Refusal,
  scope: IncludeScope,
  trail: Trail,
  work: IncludeWork,
): Promise<YamlMapping | undefined> {
  const { span } = location
  if (answer.kind === 'refused')
    return complain(work, span, target.refused(answer.reason, answer.sizes), answer.help)
  if (answer.text.trim() === '') return complain(work, span, target.empty)
  const next: Trail = { files: [...trail.files, answer.file], spans: [span, ...trail.spans] }
  note(answer, { location, target }, scope, next, work)
  if (work.bytes > work.limits.bytes) {
    stopAt(work, span, tooMuchContent)
    return undefined
  }
  const parsed = parsedOnce(answer, work)
  if (!parsed.ok) {
    complain(work, span, noContent(target.location))
    work.reading.problems.push(prefixed(parsed.error, target.location))
    return undefined
  }
  const { body } = parsed.value
  if (body === null || body.entries.size === 0) return complain(work, span, noContent(target.location))
  const given = givenBy(location.values, span, work)
  const nested = target.nested(answer)
  if (given === undefined) return undefined
  const level = next.spans.length
  const filled = await fillIn(
    { ...answer, parsed: parsed.value, body, given, span, level, prefix: target.location },
    nested,
    work,
  )
  return filled && expandIncludes(filled, nested, next, work)
}

function note(
  found: FoundFile,
  { location, target }: LocatedInclude,
  scope: IncludeScope,
  trail: Trail,
  work: IncludeWork,
): void {
  work.sources.set(found.file, found.text)
  if (!work.trails.has(found.file)) work.trails.set(found.file, trail.spans)
  work.bytes += found.text.length
  const { request } = target
  const included: IncludedFile = {
    file: found.file,
    type: request.kind === 'project' ? 'file' : request.kind,
    location: target.location,
    contextProject: scope.at?.project ?? null,
    contextSha: scope.at?.sha ?? null,
    project: request.kind === 'project' ? request.project : null,
    ref: request.kind === 'project' ? (request.ref ?? 'HEAD') : null,
    span: location.span,
  }
  work.included.push(included)
}

/** What `inputs`, or `with` by its old name, hands to the file. Undefined: it is no hash. */
function givenBy(
  values: LocatedInclude['location']['values'],
  span: Span,
  work: IncludeWork,
): GivenInputs | undefined {
  const node: YamlNode | undefined = (values.get('inputs') ?? values.get('with'))?.value
  const given = new Map<string, GivenInput>()
  if (node === undefined || isNull(node)) return { values: given, span }
  if (!isMapping(node)) return complain(work, node.span, notGivenAsHash)
  for (const { key, value } of node.entries.values()) {
    // An empty value stands nowhere itself.
    given.set(key.text, { value, span: isNull(value) ? key.span : value.span })
  }
  return { values: given, span }
}
