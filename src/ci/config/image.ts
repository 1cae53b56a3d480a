import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkExecutorOptions } from './executor-options.ts'
import { checkKeys } from './keys.ts'
import { child, isBlank, isMapping, isSequence, isString, strings } from './nodes.ts'
import { JOB_DATA, readVariables } from './variables.ts'

const IMAGE_KEYS = ['name', 'entrypoint', 'docker', 'kubernetes', 'pull_policy', 'ports']
const SERVICE_KEYS = [...IMAGE_KEYS, 'alias', 'command', 'variables']
const PULL_POLICIES = ['always', 'if-not-present', 'never']

/** `image`, reduced to its name: what the job would have run in. */
export function readImage(node: YamlNode, report: Report): string | undefined {
  return readImageOf(node, report, IMAGE_KEYS)
}

/** `services`, reduced to their names. GitLab's location of one of them is always `services:service`. */
export function readServices(node: YamlNode, report: Report): readonly string[] | undefined {
  if (!isSequence(node)) return configError(report, node.span, texts.notAnArray)
  const names: string[] = []
  for (const item of node.items) {
    const name = readImageOf(item, under(report, 'service'), SERVICE_KEYS)
    if (name !== undefined) names.push(name)
  }
  return names
}

function readImageOf(node: YamlNode, report: Report, keys: readonly string[]): string | undefined {
  if (isString(node)) return isBlank(node) ? configError(report, node.span, texts.blank) : node.value
  if (!isMapping(node)) return configError(report, node.span, texts.notAHashOrString)
  checkKeys(node, keys, report)
  checkCommand(node, 'entrypoint', report)
  checkCommand(node, 'command', report)
  checkPorts(node, report)
  checkExecutorOptions(node, report)
  if (keys.includes('alias')) checkService(node, report)
  checkPullPolicy(node, report)
  const name = child(node, 'name')
  if (name === undefined || isBlank(name))
    return entryError(report, name?.span ?? node.span, 'name', texts.blank)
  return isString(name) ? name.value : entryError(report, name.span, 'name', texts.notAString)
}

function checkCommand(image: YamlMapping, attribute: string, report: Report): void {
  const node = child(image, attribute)
  if (node !== undefined && strings(node) === undefined)
    entryError(report, node.span, attribute, texts.notStrings)
}

/** GitLab: only a web terminal has them. */
function checkPorts({ entries }: YamlMapping, report: Report): void {
  const ports = entries.get('ports')
  if (ports !== undefined) configError(report, ports.key.span, texts.disallowedKeys(['ports']))
}

function checkService(service: YamlMapping, report: Report): void {
  const alias = child(service, 'alias')
  if (alias !== undefined && !isString(alias)) entryError(report, alias.span, 'alias', texts.notAString)
  const variables = child(service, 'variables')
  if (variables !== undefined) readVariables(variables, under(report, 'variables'), JOB_DATA)
}

function checkPullPolicy(image: YamlMapping, report: Report): void {
  const node = child(image, 'pull_policy')
  if (node === undefined) return
  const words = isString(node) ? [node.value] : strings(node)
  const unknown = words?.find((word) => !PULL_POLICIES.includes(word))
  const inside = under(report, 'pull_policy')
  if (words === undefined) configError(inside, node.span, texts.notStringsOrString)
  else if (unknown !== undefined) configError(inside, node.span, texts.unknownValue(unknown))
}
