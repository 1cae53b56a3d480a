import type { YamlNode } from '../../yaml/node.ts'
import { configError, type Report } from '../report.ts'
import { notStrings } from '../texts.ts'
import { isString, leaves } from './nodes.ts'

/** `tags`: words a runner must have. GitLab's schema also takes lists in lists, which `!reference` makes. */
export function readTags(node: YamlNode, report: Report): readonly string[] | undefined {
  const tags = node.kind === 'sequence' ? leaves(node) : undefined
  if (tags === undefined || !tags.every(isString)) return configError(report, node.span, notStrings)
  return tags.map((tag) => tag.value)
}
