import type { YamlNode } from '../../yaml/node.ts'
import type { Spanned } from '../config.ts'
import { configError, type Report } from '../report.ts'
import { blank, notAString, notStringsOrNested, tooLong } from '../texts.ts'
import { isString, leaves } from './nodes.ts'

const DEFAULT_STAGES = ['build', 'test', 'deploy']

/** `stages`: names in lists up to 10 levels deep. */
export function readStages(node: YamlNode, report: Report): readonly string[] | undefined {
  const names = node.kind === 'sequence' ? leaves(node) : undefined
  if (names === undefined || !names.every(isString)) return configError(report, node.span, notStringsOrNested)
  return names.map((name) => name.value)
}

/**
 * GitLab: the edge stages stand first and last, wherever the file lists them; without `stages` there are
 * build, test and deploy.
 */
export function withEdges(stages: readonly string[] = DEFAULT_STAGES): readonly string[] {
  const inner = new Set(stages)
  inner.delete('.pre')
  inner.delete('.post')
  return ['.pre', ...inner, '.post']
}

/** `stage` of a job. */
export function readStage(node: YamlNode, report: Report): Spanned<string> | undefined {
  if (!isString(node)) return configError(report, node.span, notAString)
  if (node.value === '') return configError(report, node.span, blank)
  if (node.value.length > 255) return configError(report, node.span, tooLong(255))
  return { value: node.value, span: node.span }
}
