import type { YamlNode } from '../../yaml/node.ts'
import { configError, type Report } from '../report.ts'
import { notAHash } from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isMapping } from './nodes.ts'
import { readText } from './scalars.ts'

/** `dast_configuration`: profiles that GitLab keeps; only checked. */
export function readDastConfiguration(node: YamlNode, report: Report): true | undefined {
  if (!isMapping(node)) return configError(report, node.span, notAHash)
  checkKeys(node, ['site_profile', 'scanner_profile'], report)
  for (const key of ['site_profile', 'scanner_profile']) readText(child(node, key), key, report)
  return true
}
