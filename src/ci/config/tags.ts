import type { YamlNode } from '../../yaml/node.ts'
import { configError, type Report } from '../report.ts'
import { notStrings, tooManyTags } from '../texts.ts'
import { isString, leaves } from './nodes.ts'

/** GitLab: a job has fewer tags. */
const LIMIT = 50

/** `tags`: words a runner must have. GitLab's schema also takes lists in lists, which `!reference` makes. */
export function readTags(node: YamlNode, report: Report): readonly string[] | undefined {
  const tags = node.kind === 'sequence' ? leaves(node) : undefined
  if (tags === undefined || !tags.every(isString)) return configError(report, node.span, notStrings)
  if (node.kind === 'sequence' && node.items.length >= LIMIT)
    return configError(report, node.span, tooManyTags(LIMIT))
  return tags.map((tag) => tag.value)
}
