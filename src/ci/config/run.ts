import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { RunStepPlan } from '../../model/keyword-plans.ts'
import type { Spanned } from '../config.ts'
import * as words from '../keyword-texts.ts'
import { configError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isMapping, isSequence, isString } from './nodes.ts'

const KINDS = ['script', 'step', 'func'] as const
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** `run`: steps instead of a script. GitLab judges them by a JSON schema; the texts are ours. */
export function readRun(node: YamlNode, report: Report): Spanned<readonly RunStepPlan[]> | undefined {
  if (!isSequence(node)) return configError(report, node.span, texts.notHashes)
  const steps: RunStepPlan[] = []
  for (const [index, item] of node.items.entries()) {
    const at = under(report, String(index))
    const step = isMapping(item) ? readStep(item, at) : configError(at, item.span, texts.notAHash)
    if (step !== undefined) steps.push(step)
  }
  return { value: steps, span: node.span }
}

function readStep(node: YamlMapping, report: Report): RunStepPlan | undefined {
  checkKeys(node, ['name', ...KINDS, 'env', 'inputs'], report)
  const name = child(node, 'name')
  if (name === undefined) return configError(report, node.span, texts.missingKeys(['name']))
  if (!isString(name) || !NAME.test(name.value)) return configError(report, name.span, words.notAStepName)
  const given = KINDS.filter((kind) => node.entries.has(kind))
  const [kind] = given
  if (kind === undefined || given.length > 1) return configError(report, node.span, texts.exactlyOneOf(KINDS))
  for (const key of ['env', 'inputs']) {
    const value = child(node, key)
    if (value !== undefined && !isMapping(value)) configError(under(report, key), value.span, texts.notAHash)
  }
  const what = child(node, kind)
  if (isString(what)) return { name: name.value, kind, text: what.value }
  if (kind === 'script' || !isMapping(what))
    return configError(
      under(report, kind),
      (what ?? node).span,
      kind === 'script' ? texts.notAString : texts.notAHashOrString,
    )
  return readSource(name.value, kind, what, under(report, kind))
}

/** A step from git or from an image registry. */
function readSource(
  name: string,
  kind: RunStepPlan['kind'],
  node: YamlMapping,
  report: Report,
): RunStepPlan | undefined {
  const sources = ['git', 'oci'].filter((key) => node.entries.has(key))
  const [source] = sources
  if (source === undefined || sources.length > 1)
    return configError(report, node.span, texts.exactlyOneOf(['git', 'oci']))
  checkKeys(node, ['git', 'oci'], report)
  const place = child(node, source)
  if (!isMapping(place)) return configError(under(report, source), node.span, texts.notAHash)
  const keys =
    source === 'git' ? ['url', 'rev', 'dir', 'file'] : ['registry', 'repository', 'tag', 'dir', 'file']
  checkKeys(place, keys, under(report, source))
  const parts = keys.flatMap((key) => {
    const value = child(place, key)
    return isString(value) ? [value.value] : []
  })
  return { name, kind, text: parts.join(' ') }
}
