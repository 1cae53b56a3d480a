import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import { compilePattern } from '../expression/pattern.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { child, isSequence, isString, strings } from './nodes.ts'

const MOST_PATTERNS = 50

/** The globs of `changes` and `exists`: at most 50 strings. */
export function readGlobs(node: YamlNode, report: Report): readonly string[] {
  const globs = strings(node)
  if (globs === undefined) configError(report, node.span, texts.notStrings)
  if (isSequence(node) && node.items.length > MOST_PATTERNS)
    configError(report, node.span, texts.tooManyEntries)
  return globs ?? []
}

/** `paths` or `regexp` of the hash form; exactly one of them must be there. */
export function readPathsOrRegexp(
  node: YamlMapping,
  report: Report,
): { paths: readonly string[]; regexp: string | null } {
  const paths = child(node, 'paths')
  const regexp = child(node, 'regexp')
  if ((paths === undefined) === (regexp === undefined)) {
    configError(report, node.span, texts.exactlyOneOf(['paths', 'regexp']))
    return { paths: [], regexp: null }
  }
  return {
    paths: paths === undefined ? [] : readGlobs(paths, under(report, 'paths')),
    regexp: regexp === undefined ? null : (readRegexp(regexp, report) ?? null),
  }
}

function readRegexp(node: YamlNode, report: Report): string | undefined {
  if (!isString(node)) return entryError(report, node.span, 'regexp', texts.notAString)
  if (node.value.length > 255) return entryError(report, node.span, 'regexp', texts.tooLong(255))
  const source = regexpSource(node.value)
  const compiled = compilePattern(source)
  return compiled.ok ? source : entryError(report, node.span, 'regexp', texts.notAPattern, compiled.error)
}

/** A bare expression in the `/…/` form that patterns are compiled from. */
export function regexpSource(text: string): string {
  return `/${text.replace(/\\[^]|\//g, (found) => (found === '/' ? '\\/' : found))}/`
}
