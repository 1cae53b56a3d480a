import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBlank, isBoolean, isMapping } from './nodes.ts'
import { readText } from './scalars.ts'

const KEYS = ['namespace', 'agent', 'flux_resource_path', 'managed_resources', 'dashboard']

/** `environment:kubernetes`, only checked: there is no cluster here. */
export function readKubernetes(node: YamlNode, report: Report): void {
  if (!isMapping(node) || isBlank(node)) {
    configError(report, node.span, isMapping(node) ? texts.blank : texts.notAHash)
    return
  }
  checkKeys(node, KEYS, report)
  for (const key of ['namespace', 'agent', 'flux_resource_path']) readText(child(node, key), key, report)
  const dashboard = child(node, 'dashboard')
  const managed = child(node, 'managed_resources')
  if (isMapping(dashboard)) checkDashboard(node, dashboard, report)
  else if (dashboard !== undefined) entryError(report, dashboard.span, 'dashboard', texts.notAHash)
  const enabled = isMapping(managed) && isEnabled(managed, report)
  if (managed !== undefined && !isMapping(managed))
    entryError(report, managed.span, 'managed_resources', texts.notAHash)
  const flux = child(node, 'flux_resource_path')
  const needsAgent = !isBlank(flux) || !isBlank(dashboard) || enabled
  if (needsAgent && isBlank(child(node, 'agent'))) entryError(report, node.span, 'agent', texts.blank)
  if (!isBlank(flux) && isBlank(child(node, 'namespace')))
    entryError(report, node.span, 'namespace', texts.blank)
}

function checkDashboard(kubernetes: YamlMapping, dashboard: YamlMapping, report: Report): void {
  for (const key of ['namespace', 'flux_resource_path']) {
    const older = child(kubernetes, key)
    if (older !== undefined && !isBlank(child(dashboard, key)))
      entryError(report, older.span, key, words.saidTwice(`dashboard.${key}`))
  }
}

function isEnabled(managed: YamlMapping, report: Report): boolean {
  const node = child(managed, 'enabled')
  if (node !== undefined && !isBoolean(node))
    entryError(report, node.span, 'managed_resources', texts.notABoolean)
  return isBoolean(node) && node.value
}
