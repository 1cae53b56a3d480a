import type { YamlNode } from '../../yaml/node.ts'
import { configError, type Report } from '../report.ts'
import { notACommand } from '../texts.ts'
import { isString, leaves } from './nodes.ts'

/**
 * `script`, `before_script`, `after_script`: a string, or strings in lists up to 10 levels deep, flattened
 * depth first.
 */
export function readScript(node: YamlNode, report: Report): readonly string[] | undefined {
  if (isString(node)) return [node.value]
  const lines = node.kind === 'sequence' ? leaves(node) : undefined
  if (lines === undefined) return configError(report, node.span, notACommand)
  const wrong = lines.find((line) => !isString(line))
  if (wrong !== undefined) return configError(report, wrong.span, notACommand, helpFor(wrong))
  return lines.flatMap((line) => (isString(line) ? [line.value] : []))
}

function helpFor(wrong: YamlNode): string | undefined {
  if (wrong.kind === 'mapping')
    return 'this line became a mapping because of ": "; put the whole command in single quotes'
  if (wrong.kind === 'scalar' && wrong.value === null)
    return 'this entry is empty; remove it, or write a command'
  if (wrong.kind === 'scalar') return `YAML reads this as a ${typeof wrong.value}; put it in quotes`
  return undefined
}
