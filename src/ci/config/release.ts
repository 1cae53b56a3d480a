import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { ReleaseLinkPlan, ReleasePlan } from '../../model/keyword-plans.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBlank, isMapping, isSequence, isString, strings } from './nodes.ts'
import { readText, readWord } from './scalars.ts'

const KEYS = ['tag_name', 'tag_message', 'name', 'description', 'ref', 'released_at', 'milestones', 'assets']
const LINK_KEYS = ['name', 'url', 'filepath', 'link_type']
const LINK_TYPES = ['other', 'runbook', 'image', 'package'] as const

/** A date, optionally with a time and its zone, as `DateTime.iso8601` takes it. */
const ISO_8601 =
  /^\d{4}-?\d{2}-?\d{2}(?:[Tt ]\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/

/** Git's rules for the name of a ref, as far as they can be broken in one line. */
const BAD_REF = /^[-/]|\/$|\.\.|\/\/|@\{|[\s~^:?*[\\]|\.lock$|\.$/

/** `release`: what is published when the job's script has succeeded. */
export function readRelease(node: YamlNode, report: Report): ReleasePlan | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  checkKeys(node, KEYS, report)
  const assets = child(node, 'assets')
  return {
    tagName: readRequired(node, 'tag_name', report),
    tagMessage: readText(child(node, 'tag_message'), 'tag_message', report) ?? null,
    name: readText(child(node, 'name'), 'name', report) ?? null,
    description: readRequired(node, 'description', report),
    ref: readRef(child(node, 'ref'), report),
    milestones: readMilestones(child(node, 'milestones'), report),
    releasedAt: readDate(child(node, 'released_at'), report),
    links: assets === undefined ? [] : readLinks(assets, under(report, 'assets')),
  }
}

function readRequired(mapping: YamlMapping, key: string, report: Report): string {
  const node = child(mapping, key)
  if (node === undefined || isBlank(node)) entryError(report, (node ?? mapping).span, key, texts.blank)
  else return readText(node, key, report) ?? ''
  return ''
}

function readRef(node: YamlNode | undefined, report: Report): string | null {
  const ref = readText(node, 'ref', report) ?? null
  if (node !== undefined && ref !== null && BAD_REF.test(ref))
    entryError(report, node.span, 'ref', words.notARef)
  return ref
}

function readMilestones(node: YamlNode | undefined, report: Report): readonly string[] {
  if (node === undefined || isBlank(node)) return []
  if (isString(node)) return [node.value]
  return strings(node) ?? entryError(report, node.span, 'milestones', texts.notStringsOrString) ?? []
}

function readDate(node: YamlNode | undefined, report: Report): string | null {
  if (node === undefined) return null
  if (isString(node) && ISO_8601.test(node.value) && !Number.isNaN(Date.parse(node.value.slice(0, 10))))
    return node.value
  entryError(report, node.span, 'released_at', words.notADateTime)
  return null
}

function readLinks(node: YamlNode, report: Report): readonly ReleaseLinkPlan[] {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash) ?? []
  checkKeys(node, ['links'], report)
  const links = child(node, 'links')
  if (links === undefined) return entryError(report, node.span, 'links', texts.blank) ?? []
  const at = under(report, 'links')
  if (!isSequence(links)) return configError(at, links.span, texts.notHashes) ?? []
  const found: ReleaseLinkPlan[] = []
  for (const item of links.items) {
    if (isMapping(item)) found.push(readLink(item, under(at, 'link')))
    else configError(at, item.span, texts.notHashes)
  }
  return found
}

function readLink(node: YamlMapping, report: Report): ReleaseLinkPlan {
  checkKeys(node, LINK_KEYS, report)
  const url = readRequired(node, 'url', report)
  const place = child(node, 'url')
  // GitLab judges an address with a variable later.
  if (place !== undefined && url !== '' && !/[$%]/.test(url) && !/^https?:\/\/\S+$/i.test(url))
    entryError(report, place.span, 'url', words.notAUrl)
  return {
    name: readRequired(node, 'name', report),
    url,
    filepath: readText(child(node, 'filepath'), 'filepath', report) ?? null,
    linkType: readWord(child(node, 'link_type'), 'link_type', LINK_TYPES, report) ?? null,
  }
}
