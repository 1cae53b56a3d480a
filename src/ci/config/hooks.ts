import type { YamlNode } from '../../yaml/node.ts'
import { configError, type Report, under } from '../report.ts'
import { notAHash } from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isMapping } from './nodes.ts'
import { readScript } from './script.ts'

/** `hooks`: the lines of `pre_get_sources_script`, the only hook. */
export function readHooks(node: YamlNode, report: Report): readonly string[] | undefined {
  if (!isMapping(node)) return configError(report, node.span, notAHash)
  checkKeys(node, ['pre_get_sources_script'], report)
  const script = child(node, 'pre_get_sources_script')
  return script === undefined ? [] : readScript(script, under(report, 'pre_get_sources_script'))
}
