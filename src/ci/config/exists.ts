import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { ExistsConfig } from '../config.ts'
import { configError, type Report, shapeError } from '../report.ts'
import { missingKeys, notAnArrayOrHash } from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isMapping, isSequence } from './nodes.ts'
import { readGlobs, readPathsOrRegexp } from './paths.ts'
import { readText } from './scalars.ts'

/** `rules:exists`: paths and globs in the tree of a commit, or a hash with `paths` or `regexp`. */
export function readExists(node: YamlNode, report: Report): ExistsConfig | undefined {
  if (isSequence(node)) {
    return { span: node.span, paths: readGlobs(node, report), regexp: null, project: null, ref: null }
  }
  if (!isMapping(node)) return shapeError(report, node.span, notAnArrayOrHash)
  checkKeys(node, ['paths', 'regexp', 'project', 'ref'], report)
  checkRef(node, report)
  return {
    span: node.span,
    ...readPathsOrRegexp(node, report),
    project: readText(child(node, 'project'), 'project', report) ?? null,
    ref: readText(child(node, 'ref'), 'ref', report) ?? null,
  }
}

function checkRef(node: YamlMapping, report: Report): void {
  const ref = child(node, 'ref')
  if (ref !== undefined && child(node, 'project') === undefined)
    configError(report, ref.span, missingKeys(['project']), 'a `ref` belongs to a `project`')
}
