import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { RunStepPlan } from '../../model/keyword-plans.ts'
import type { Span } from '../../shared/diagnostic.ts'
import type { Spanned } from '../config.ts'
import * as words from '../keyword-texts.ts'
import { entryError, type Report } from '../report.ts'
import type { Finding } from '../texts.ts'
import { didYouMean } from './keys.ts'
import { child, entriesBeyond, isMapping, isSequence, isString } from './nodes.ts'

/** GitLab: `run_steps.json`, for names of steps, variables and inputs alike. */
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const KINDS = ['script', 'step', 'func'] as const
const SOURCES = {
  git: { keys: ['url', 'rev', 'dir', 'file'], required: ['url', 'rev'] },
  oci: {
    keys: ['registry', 'repository', 'tag', 'dir', 'file'],
    required: ['registry', 'repository', 'tag'],
  },
} as const

/** A place in the steps as a JSON schema names it: `/0/env/A`. */
type Complain = (at: string, span: Span, finding: (at: string) => Finding, help?: string) => undefined

/**
 * `run`: steps instead of a script. GitLab judges them by a JSON schema and says what its validator says; of the sentences for both
 * kinds of step that a mistake gets there, here stands the one for the kind that is meant.
 */
export function readRun(node: YamlNode, job: Report): Spanned<readonly RunStepPlan[]> | undefined {
  const complain: Complain = (at, span, finding, help) => entryError(job, span, 'run', finding(at), help)
  if (!isSequence(node)) return complain('', node.span, words.schemaType('array'))
  const steps: RunStepPlan[] = []
  for (const [index, item] of node.items.entries()) {
    const step = readStep(item, `/${index}`, complain)
    if (step !== undefined) steps.push(step)
  }
  return { value: steps, span: node.span }
}

function readStep(node: YamlNode, at: string, complain: Complain): RunStepPlan | undefined {
  if (!isMapping(node)) return complain(at, node.span, words.schemaType('object'))
  const name = readName(node, at, complain)
  const given = KINDS.filter((kind) => node.entries.has(kind))
  const [kind] = given
  if (kind === undefined) {
    const help = 'a step has one of: script, step, func'
    return complain(at, node.span, words.schemaRequired('step'), help)
  }
  const both = given.length > 1 ? node.entries.get(kind) : undefined
  if (both !== undefined) {
    const help = `a step has only one of: ${given.join(', ')}`
    return kind === 'script'
      ? complain(`${at}/script`, both.key.span, words.schemaProperty, help)
      : complain(at, both.key.span, words.schemaNot, help)
  }
  checkProperties(node, ['name', kind, 'env', ...(kind === 'script' ? [] : ['inputs'])], at, complain)
  checkNamed(node, 'env', at, complain)
  if (kind !== 'script') checkNamed(node, 'inputs', at, complain)
  const text = readWhat(node, kind, at, complain)
  return name === undefined || text === undefined ? undefined : { name, kind, text }
}

function readName(node: YamlMapping, at: string, complain: Complain): string | undefined {
  const name = node.entries.get('name')?.value
  if (name === undefined) return complain(at, node.span, words.schemaRequired('name'))
  if (!isString(name)) return complain(`${at}/name`, name.span, words.schemaType('string'))
  if (!NAME.test(name.value)) return complain(`${at}/name`, name.span, words.schemaPattern(NAME.source))
  return name.value
}

/** `env` holds texts, `inputs` anything. */
function checkNamed(step: YamlMapping, key: 'env' | 'inputs', at: string, complain: Complain): void {
  const node = step.entries.get(key)?.value
  if (node === undefined) return
  if (!isMapping(node)) {
    complain(`${at}/${key}`, node.span, words.schemaType('object'))
    return
  }
  for (const { key: name, value } of node.entries.values()) {
    const place = `${at}/${key}/${name.text}`
    if (!NAME.test(name.text)) complain(place, name.span, words.schemaProperty)
    else if (key === 'env' && !isString(value)) complain(place, value.span, words.schemaType('string'))
  }
}

function readWhat(
  step: YamlMapping,
  kind: RunStepPlan['kind'],
  at: string,
  complain: Complain,
): string | undefined {
  const entry = step.entries.get(kind)
  if (entry === undefined) return undefined
  const { key, value } = entry
  const place = `${at}/${kind}`
  if (isString(value)) {
    return kind === 'script' && value.value === ''
      ? complain(place, value.span, words.schemaTooShort)
      : value.value
  }
  if (kind === 'script' || !isMapping(value)) return complain(place, value.span, words.schemaType('string'))
  const source = (['git', 'oci'] as const).find((one) => value.entries.has(one))
  if (source === undefined) return complain(place, key.span, words.schemaRequired('git'))
  checkProperties(value, [source], place, complain)
  return readSource(value, source, place, complain)
}

/** A step from git or from an image registry. */
function readSource(
  node: YamlMapping,
  source: 'git' | 'oci',
  at: string,
  complain: Complain,
): string | undefined {
  const place = node.entries.get(source)?.value ?? node
  const { keys, required } = SOURCES[source]
  if (!isMapping(place)) return complain(`${at}/${source}`, place.span, words.schemaType('object'))
  checkProperties(place, keys, `${at}/${source}`, complain)
  const missing = required.filter((key) => !place.entries.has(key))
  if (missing.length > 0)
    return complain(`${at}/${source}`, place.span, words.schemaRequired(missing.join(', ')))
  const parts = keys.flatMap((key) => {
    const value = child(place, key)
    if (value === undefined || isString(value)) return value === undefined ? [] : [value.value]
    complain(`${at}/${source}/${key}`, value.span, words.schemaType('string'))
    return []
  })
  return parts.join(' ')
}

function checkProperties(
  node: YamlMapping,
  allowed: readonly string[],
  at: string,
  complain: Complain,
): void {
  for (const { key } of entriesBeyond(node, (name) => allowed.includes(name)))
    complain(`${at}/${key.text}`, key.span, words.schemaProperty, didYouMean([key.text], allowed))
}
