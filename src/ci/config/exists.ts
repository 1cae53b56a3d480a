import type { YamlNode } from '../../yaml/node.ts'
import type { ExistsConfig } from '../config.ts'
import { type Report, shapeError } from '../report.ts'
import { notAnArrayOrHash } from '../texts.ts'
import { reportUnknown } from './keys.ts'
import { entriesBeyond, isMapping, isSequence } from './nodes.ts'
import { readGlobs, readPathsOrRegexp } from './paths.ts'
import { reportUnsupported, UNSUPPORTED_EXISTS } from './unsupported.ts'

const KEYS = ['paths', 'regexp']

/** `rules:exists`: paths and globs in the tree of the commit, or a hash with `paths` or `regexp`. */
export function readExists(node: YamlNode, report: Report): ExistsConfig | undefined {
  if (isSequence(node)) return { span: node.span, paths: readGlobs(node, report), regexp: null }
  if (!isMapping(node)) return shapeError(report, node.span, notAnArrayOrHash)
  const beyond = entriesBeyond(node, (key) => KEYS.includes(key))
  reportUnsupported(beyond, UNSUPPORTED_EXISTS, report)
  reportUnknown(
    beyond.filter((entry) => !UNSUPPORTED_EXISTS.includes(entry.key.text)),
    KEYS,
    report,
  )
  return { span: node.span, ...readPathsOrRegexp(node, report) }
}
