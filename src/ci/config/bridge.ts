import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { Span } from '../../shared/diagnostic.ts'
import type { AllowFailureConfig, JobKeywords } from '../config.ts'
import { twoBridgeNeeds } from '../keyword-texts.ts'
import { configError, entryError, type Report } from '../report.ts'
import { neitherTriggerNorNeeds, notABoolean } from '../texts.ts'
import { BRIDGE_NEEDS, readNeeds } from './needs.ts'
import { isBoolean } from './nodes.ts'
import { readParallel } from './parallel.ts'
import { readWord } from './scalars.ts'

/** What a job that starts another pipeline may say, beside `extends`. */
export const BRIDGE_KEYWORDS: readonly string[] = [
  'trigger',
  'parallel',
  'stage',
  'only',
  'except',
  'rules',
  'variables',
  'inherit',
  'allow_failure',
  'when',
  'needs',
  'resource_group',
  'environment',
  'interruptible',
  'manual_confirmation',
]

/** GitLab: a bridge cannot be delayed. */
const WHENS = ['on_success', 'on_failure', 'always', 'manual'] as const

/** The keywords of which a bridge takes fewer forms than a job. */
export const BRIDGE_READERS = {
  allow_failure: (node: YamlNode, _at: Report, job: Report): AllowFailureConfig | undefined =>
    isBoolean(node)
      ? { allowed: node.value, exitCodes: [] }
      : entryError(job, node.span, 'allow_failure', notABoolean),
  needs: (node: YamlNode, at: Report) => readNeeds(node, at, BRIDGE_NEEDS),
  parallel: (node: YamlNode, at: Report) => readParallel(node, at, 'matrix only'),
  when: (node: YamlNode, _at: Report, job: Report) => readWord(node, 'when', WHENS, job),
}

/** A bridge has a trigger or one pipeline to mirror. */
export function checkBridge(node: YamlMapping, keywords: JobKeywords, key: Span, report: Report): void {
  const mirrors = (keywords.needs?.upstream ?? []).filter(({ value }) => value.kind === 'mirror')
  const [, second] = mirrors
  if (second !== undefined) configError(report, second.span, twoBridgeNeeds)
  if (node.entries.has('trigger') || mirrors.length > 0) return
  const needsAreWrong = node.entries.has('needs') && keywords.needs === undefined
  if (!needsAreWrong) configError(report, key, neitherTriggerNorNeeds, 'the job has `needs` but no `script`')
}
