import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { EnvironmentPlan } from '../../model/keyword-plans.ts'
import type { Spanned } from '../config.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { readKubernetes } from './kubernetes.ts'
import { child, isBlank, isMapping, isString } from './nodes.ts'
import { readText, secondsOf } from './scalars.ts'

const KEYS = ['name', 'url', 'action', 'on_stop', 'auto_stop_in', 'kubernetes', 'deployment_tier']
const ACTIONS = ['start', 'stop', 'prepare', 'verify', 'access']
export const TIERS: readonly string[] = ['production', 'staging', 'testing', 'development', 'other']

/** Letters, digits, `-_/${}.` and spaces; no slash at either end. */
export const ENVIRONMENT_NAME = /^[a-zA-Z0-9_${}. -](?:[a-zA-Z0-9_/${}. -]*[a-zA-Z0-9_${}. -])?$/
const VARIABLE = /\$\w|\$\{\w|%\w+%/

/** `environment`: a name, or a hash with one. */
export function readEnvironment(node: YamlNode, report: Report): Spanned<EnvironmentPlan> | undefined {
  if (isString(node)) {
    const name = checkName(node, node, report)
    return name === undefined
      ? undefined
      : { value: { name, url: null, action: 'start', onStop: null }, span: node.span }
  }
  if (!isMapping(node)) return configError(report, node.span, texts.notAHashOrString)
  checkKeys(node, KEYS, report)
  const name = checkName(child(node, 'name'), node, report)
  const url = readText(child(node, 'url'), 'url', report) ?? null
  if (url !== null && url.length > 255)
    entryError(report, child(node, 'url')?.span ?? node.span, 'url', texts.tooLong(255))
  const kubernetes = child(node, 'kubernetes')
  if (kubernetes !== undefined) readKubernetes(kubernetes, under(report, 'kubernetes'))
  const autoStopIn = readAutoStop(child(node, 'auto_stop_in'), report)
  const tier = readTier(child(node, 'deployment_tier'), report)
  if (name === undefined) return undefined
  return {
    span: node.span,
    value: {
      name,
      url,
      action: readAction(node, report),
      onStop: readText(child(node, 'on_stop'), 'on_stop', report) ?? null,
      ...(autoStopIn === undefined ? {} : { autoStopIn }),
      ...(tier === undefined ? {} : { deploymentTier: tier }),
    },
  }
}

function checkName(node: YamlNode | undefined, environment: YamlNode, report: Report): string | undefined {
  if (node === undefined || isBlank(node))
    return entryError(report, (node ?? environment).span, 'name', texts.blank)
  if (!isString(node) || !ENVIRONMENT_NAME.test(node.value))
    return entryError(report, node.span, 'name', words.badEnvironmentName)
  return node.value
}

function readAction(environment: YamlMapping, report: Report): string {
  const node = child(environment, 'action')
  const action = readText(node, 'action', report)
  if (node !== undefined && action !== undefined && !ACTIONS.includes(action))
    entryError(report, node.span, 'action', words.notAnAction)
  return action ?? 'start'
}

/** GitLab lets a text with a variable pass: it is read when the job runs. */
function readAutoStop(node: YamlNode | undefined, report: Report): string | undefined {
  if (node === undefined) return undefined
  const text = node.kind === 'scalar' ? node.text : ''
  if (text === 'never' || secondsOf(node) !== undefined || VARIABLE.test(text)) return text
  return entryError(report, node.span, 'auto_stop_in', texts.notADuration)
}

function readTier(node: YamlNode | undefined, report: Report): string | undefined {
  const tier = readText(node, 'deployment_tier', report)
  if (node === undefined || tier === undefined || TIERS.includes(tier) || VARIABLE.test(tier)) return tier
  return entryError(report, node.span, 'deployment_tier', words.notATier(TIERS))
}
