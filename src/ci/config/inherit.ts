import type { YamlNode } from '../../yaml/node.ts'
import type { InheritConfig } from '../config.ts'
import { configError, type Report, shapeError, under } from '../report.ts'
import * as texts from '../texts.ts'
import { DEFAULT_KEYWORDS } from './default-keywords.ts'
import { checkKeys, didYouMean } from './keys.ts'
import { child, isBoolean, isMapping, strings } from './nodes.ts'

export const INHERIT_ALL: InheritConfig = { default: true, variables: true }

/** `inherit`: which defaults and which top-level variables come into the job. */
export function readInherit(node: YamlNode, report: Report): InheritConfig | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  checkKeys(node, ['default', 'variables'], report)
  return {
    default: readChoice(child(node, 'default'), under(report, 'default'), DEFAULT_KEYWORDS),
    variables: readChoice(child(node, 'variables'), under(report, 'variables')),
  }
}

function readChoice(
  node: YamlNode | undefined,
  report: Report,
  known?: readonly string[],
): boolean | readonly string[] {
  if (node === undefined) return true
  if (isBoolean(node)) return node.value
  const names = strings(node)
  if (names === undefined) {
    shapeError(report, node.span, texts.notBooleanOrNames)
    return true
  }
  const unknown = known === undefined ? [] : names.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    configError(report, node.span, texts.unknownValues(unknown), didYouMean(unknown, known ?? []))
  return names
}

export function inherits(choice: boolean | readonly string[], name: string): boolean {
  return typeof choice === 'boolean' ? choice : choice.includes(name)
}
