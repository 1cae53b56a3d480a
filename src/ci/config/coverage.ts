import type { YamlNode } from '../../yaml/node.ts'
import { compilePattern } from '../expression/pattern.ts'
import { configError, type Report } from '../report.ts'
import { notAPattern } from '../texts.ts'
import { isString } from './nodes.ts'
import { REF_PATTERN } from './only-except.ts'

/** `coverage`: the text between the slashes. */
export function readCoverage(node: YamlNode, report: Report): string | undefined {
  if (!isString(node) || !REF_PATTERN.test(node.value)) {
    return configError(report, node.span, notAPattern, 'write it between slashes: /…/')
  }
  const compiled = compilePattern(node.value)
  if (!compiled.ok) return configError(report, node.span, notAPattern, compiled.error)
  return node.value.slice(1, node.value.lastIndexOf('/'))
}
