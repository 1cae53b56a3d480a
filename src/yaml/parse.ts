import type { Diagnostic } from '../shared/diagnostic.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { splitDocuments, type DocumentText } from './documents.ts'
import { readGeneral } from './general/read.ts'
import { DEFAULT_YAML_LIMITS, type YamlLimits } from './limits.ts'
import type { YamlNode } from './node.ts'
import { CONTROL_CHARACTER, ReadingProblem } from './problem.ts'
import { readDocument, type DocumentResult } from './reader/document.ts'
import {
  duplicateWarnings,
  ignoredTextWarning,
  notUtf8,
  refusalError,
  reporterFor,
  syntaxError,
  tooBig,
  tooManyDocuments,
  type Reporter,
} from './report.ts'
import { startTree, type Tree } from './tree.ts'

export interface ParsedYaml {
  /** Without the blank ones; a file of comments has none. */
  readonly documents: readonly YamlNode[]
  readonly warnings: readonly Diagnostic[]
}

/**
 * Reads a file as GitLab does, with Ruby's Psych: YAML 1.1 scalars, merge keys in document order, `!reference` and no other
 * tag. The error is the first one in the file, in GitLab's words, with its place. Never throws, whatever the text.
 */
export function parseYaml(
  text: string,
  file: string,
  limits: YamlLimits = DEFAULT_YAML_LIMITS,
): Result<ParsedYaml, Diagnostic> {
  const reporter = reporterFor(file, text)
  if (Buffer.byteLength(text) > limits.bytes) return err(tooBig(reporter, 'The provided YAML is too big', 0))
  const undecodable = text.search(LONE_SURROGATE)
  if (undecodable >= 0) return err(notUtf8(reporter, undecodable))
  const control = text.search(CONTROL_CHARACTERS)
  if (control >= 0)
    return err(syntaxError(reporter, new ReadingProblem('syntax', CONTROL_CHARACTER, 0, control)))
  return parseDocuments(text.replace(OTHER_BREAKS, '\n'), reporter, limits)
}

/** What stands for a byte that is no UTF-8 (shared/decode-text.ts); behind a first half it would be a character. */
const LONE_SURROGATE = /(?<![\ud800-\udbff])\udcff/
// libyaml, reader.c: what it does not let pass.
const CONTROL_CHARACTERS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/
/** YAML 1.1 has three more line breaks. */
const OTHER_BREAKS = /[\x85\u2028\u2029]/g

function parseDocuments(
  text: string,
  reporter: Reporter,
  limits: YamlLimits,
): Result<ParsedYaml, Diagnostic> {
  const documents: YamlNode[] = []
  const warnings: Diagnostic[] = []
  let surplus: number | undefined
  for (const document of splitDocuments(text, limits.documents)) {
    const parsed = parseDocument(document, reporter, limits)
    if (!parsed.ok) return parsed
    const { root, warnings: found } = parsed.value
    warnings.push(...found)
    if (root.kind === 'scalar' && root.text === '') continue
    if (documents.length >= limits.documents) surplus ??= document.start
    documents.push(root)
  }
  return surplus === undefined ? ok({ documents, warnings }) : err(tooManyDocuments(reporter, surplus))
}

function parseDocument(
  document: DocumentText,
  reporter: Reporter,
  limits: YamlLimits,
): Result<{ root: YamlNode; warnings: Diagnostic[] }, Diagnostic> {
  const attempt = attemptRead(readDocument, document, reporter, limits)
  const isOutside = !attempt.ok && attempt.error.kind === 'outside'
  const { tree, ...read } = isOutside ? attemptRead(readGeneral, document, reporter, limits) : attempt
  if (!read.ok) {
    const { kind, sentence, place } = read.error
    return err(kind === 'too_big' ? tooBig(reporter, sentence, place) : syntaxError(reporter, read.error))
  }
  if (tree.refusal) return err(refusalError(reporter, tree.refusal))
  const warnings = duplicateWarnings(reporter, tree)
  const { root, ignoredFrom } = read.value
  if (ignoredFrom !== undefined) warnings.push(ignoredTextWarning(reporter, ignoredFrom))
  return ok({ root, warnings })
}

type DocumentReader = (document: DocumentText, tree: Tree) => DocumentResult

/** Runs a reader, whose recursion ends errors by throwing, and makes a value of the outcome. */
function attemptRead(
  reader: DocumentReader,
  document: DocumentText,
  { file }: Reporter,
  limits: YamlLimits,
): Result<DocumentResult, ReadingProblem> & { tree: Tree } {
  const tree = startTree(file, limits)
  try {
    return { ...ok(reader(document, tree)), tree }
  } catch (problem) {
    if (problem instanceof ReadingProblem) return { ...err(problem), tree }
    throw problem
  }
}
