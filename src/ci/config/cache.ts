import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { CacheKeyPlan, CachePlan } from '../../model/keyword-plans.ts'
import * as words from '../keyword-texts.ts'
import { configError, entryError, type Report, shapeError, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBoolean, isMapping, isSequence, isString, leaves, strings } from './nodes.ts'
import { readWord } from './scalars.ts'

const KEYS = ['key', 'untracked', 'paths', 'when', 'policy', 'unprotect', 'fallback_keys']
const WHENS = ['on_success', 'on_failure', 'always'] as const
const MOST_CACHES = 4
const MOST_FALLBACK_KEYS = 5
/** GitLab 18: two files, five where an administrator raised the limit; the wider one loses no real file. */
const MOST_KEY_FILES = 5

/** GitLab tests for a match anywhere in the text. */
const POLICY = /pull-push|push|pull|\$\w{1,255}/

const DEFAULT_KEY: CacheKeyPlan = { kind: 'text', text: 'default' }

/** `cache`: one hash or up to four; `[]` and `{}` take a default cache away. */
export function readCache(node: YamlNode, report: Report): readonly CachePlan[] | undefined {
  if (isMapping(node)) return node.entries.size === 0 ? [] : [readOne(node, report)]
  if (!isSequence(node)) return configError(report, node.span, texts.notNeeds)
  if (node.items.length > MOST_CACHES) return configError(report, node.span, words.tooManyCaches)
  const caches: CachePlan[] = []
  // GitLab flattens: `[!reference [.caches, all], {…}]`.
  for (const item of leaves(node) ?? node.items) {
    if (isMapping(item)) caches.push(readOne(item, report))
    else configError(under(report, 'cache'), item.span, texts.notAHash)
  }
  return caches
}

function readOne(node: YamlMapping, report: Report): CachePlan {
  checkKeys(node, KEYS, report)
  const key = child(node, 'key')
  return {
    key: (key && readKey(key, under(report, 'key'))) ?? DEFAULT_KEY,
    paths: readPaths(node, report),
    untracked: readSwitch(node, 'untracked', report),
    when: readWord(child(node, 'when'), 'when', WHENS, report) ?? 'on_success',
    policy: readPolicy(child(node, 'policy'), report),
    unprotect: readSwitch(node, 'unprotect', report),
    fallbackKeys: readFallbackKeys(child(node, 'fallback_keys'), report),
  }
}

/** `paths` and the switches are entries of their own: `cache:paths config should be …`. */
function readPaths(cache: YamlMapping, report: Report): readonly string[] {
  const node = child(cache, 'paths')
  if (node === undefined) return []
  return strings(node) ?? configError(under(report, 'paths'), node.span, texts.notStrings) ?? []
}

function readSwitch(cache: YamlMapping, key: string, report: Report): boolean {
  const node = child(cache, key)
  if (node !== undefined && !isBoolean(node)) configError(under(report, key), node.span, texts.notABoolean)
  return isBoolean(node) && node.value
}

function readPolicy(node: YamlNode | undefined, report: Report): string {
  if (node === undefined) return 'pull-push'
  if (!isString(node)) entryError(report, node.span, 'policy', texts.notAString)
  else if (node.value.trim() !== '' && !POLICY.test(node.value))
    entryError(report, node.span, 'policy', words.notACachePolicy)
  else if (node.value.trim() !== '') return node.value
  return 'pull-push'
}

function readFallbackKeys(node: YamlNode | undefined, report: Report): readonly string[] {
  if (node === undefined) return []
  const keys = strings(node)
  if (keys === undefined) entryError(report, node.span, 'fallback_keys', texts.notStrings)
  else if (keys.length > MOST_FALLBACK_KEYS)
    entryError(report, node.span, 'fallback_keys', words.tooManyFallbackKeys)
  return keys ?? []
}

function readKey(node: YamlNode, report: Report): CacheKeyPlan | undefined {
  if (isString(node)) {
    checkKeyText(node.value, node, report)
    return { kind: 'text', text: node.value }
  }
  if (!isMapping(node)) {
    const help = node.kind === 'scalar' ? `put it in quotes: "${node.text}"` : undefined
    return shapeError(report, node.span, words.notACacheKey, help)
  }
  checkKeys(node, ['files', 'files_commits', 'prefix'], report)
  const prefix = readPrefix(child(node, 'prefix'), under(report, 'prefix'))
  const kinds = (['files', 'files_commits'] as const).filter((key) => node.entries.has(key))
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1)
    return configError(report, node.span, texts.exactlyOneOf(['files', 'files_commits']))
  const files = readFiles(node.entries.get(kind)?.value ?? node, under(report, kind))
  return { kind, files, prefix }
}

/** GitLab looks at the text after `CGI.unescape`: `%2F` is a slash, too. */
function checkKeyText(text: string, node: YamlNode, report: Report): void {
  const path = text.replace(/%2f/gi, '/').replace(/%2e/gi, '.')
  if (path.includes('/')) configError(report, node.span, words.slashInKey)
  else if (path === '.' || path === '..') configError(report, node.span, words.dotKey)
}

function readPrefix(node: YamlNode | undefined, report: Report): string | null {
  if (node === undefined) return null
  if (!isString(node)) return configError(report, node.span, words.notAStringOrSymbol) ?? null
  checkKeyText(node.value, node, report)
  return node.value
}

function readFiles(node: YamlNode, report: Report): readonly string[] {
  const files = strings(node)
  if (files === undefined) return configError(report, node.span, texts.notStrings) ?? []
  if (files.length === 0) configError(report, node.span, words.tooFewItems)
  if (files.length > MOST_KEY_FILES) configError(report, node.span, words.tooManyItems(MOST_KEY_FILES))
  return files.map((file) => file.replace(/^\/+/, ''))
}
