import type { YamlNode } from '../../yaml/node.ts'
import type { ChangesConfig } from '../config.ts'
import { type Report, shapeError } from '../report.ts'
import { notAnArrayOrHash } from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isMapping, isSequence } from './nodes.ts'
import { readGlobs, readPathsOrRegexp } from './paths.ts'
import { readText } from './scalars.ts'

/** `rules:changes`: globs, or a hash with `paths` or `regexp` and `compare_to`. */
export function readChanges(node: YamlNode, report: Report): ChangesConfig | undefined {
  if (isSequence(node))
    return { span: node.span, paths: readGlobs(node, report), regexp: null, compareTo: null }
  if (!isMapping(node)) return shapeError(report, node.span, notAnArrayOrHash)
  checkKeys(node, ['paths', 'regexp', 'compare_to'], report)
  const compareTo = readText(child(node, 'compare_to'), 'compare_to', report) ?? null
  return { span: node.span, ...readPathsOrRegexp(node, report), compareTo }
}
