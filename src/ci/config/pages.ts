import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { PagesPlan } from '../../model/keyword-plans.ts'
import type { JobKeywords } from '../config.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBoolean, isMapping, isString } from './nodes.ts'
import { readText, secondsOf } from './scalars.ts'

/** GitLab's default folder. */
const PUBLISH = 'public'

/** `pages`: whether the job publishes a site, and how. */
export function readPages(node: YamlNode, report: Report): Partial<PagesPlan> | boolean | undefined {
  if (isBoolean(node)) return node.value
  if (!isMapping(node)) return configError(report, node.span, texts.notAHashOrBoolean)
  checkKeys(node, ['path_prefix', 'expire_in', 'publish'], report)
  const publish = readText(child(node, 'publish'), 'publish', report)
  return {
    ...(publish === undefined ? {} : { publish }),
    pathPrefix: readText(child(node, 'path_prefix'), 'path_prefix', report) ?? null,
    expireIn: readExpiry(child(node, 'expire_in'), report),
  }
}

function readExpiry(node: YamlNode | undefined, report: Report): string | null {
  if (node === undefined) return null
  if (node.kind === 'scalar' && (node.value === 'never' || secondsOf(node) !== undefined)) return node.text
  entryError(report, node.span, 'expire_in', texts.notADuration)
  return null
}

/** The older `publish` of a job. */
export function readPublish(node: YamlNode, report: Report): string | undefined {
  return isString(node) ? node.value : configError(report, node.span, texts.notAString)
}

/** `publish` belongs to a pages job, and is said once. */
export function checkPages(name: string, node: YamlMapping, keywords: JobKeywords, report: Report): void {
  const publish = node.entries.get('publish')
  if (publish === undefined || child(node, 'publish') === undefined) return
  if (pagesOf(name, keywords) === undefined)
    entryError(report, publish.key.span, 'publish', words.onlyInPages, 'write `pages: true` beside it')
  else if (typeof keywords.pages === 'object' && keywords.pages.publish !== undefined)
    configError(report, publish.key.span, words.publishTwice)
}

/** What a job publishes: it says `pages`, or is called so and does not say `pages: false`. */
export function pagesOf(name: string, { pages, publish }: JobKeywords): PagesPlan | undefined {
  if (pages === false || (pages === undefined && name !== 'pages')) return undefined
  const said = typeof pages === 'object' ? pages : {}
  return {
    publish: said.publish ?? publish ?? PUBLISH,
    pathPrefix: said.pathPrefix ?? null,
    expireIn: said.expireIn ?? null,
  }
}
