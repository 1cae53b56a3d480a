import type { YamlNode } from '../../yaml/node.ts'
import type { When } from '../../model/plan.ts'
import type { AllowFailureConfig } from '../config.ts'
import { entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isBoolean, isMapping } from './nodes.ts'
import { readIntegers, readWord } from './scalars.ts'

export const WHENS = ['on_success', 'on_failure', 'always', 'manual', 'delayed'] as const

/** `when` is an attribute of its job: `jobs:rspec when should be one of: …`. */
export function readWhen(node: YamlNode, job: Report): When | undefined {
  return readWord(node, 'when', WHENS, job)
}

/** `allow_failure: true`, or soft for some exit codes only. */
export function readAllowFailure(node: YamlNode, job: Report): AllowFailureConfig | undefined {
  if (isBoolean(node)) return { allowed: node.value, exitCodes: [] }
  if (!isMapping(node)) return entryError(job, node.span, 'allow_failure', texts.notAHashOrBoolean)
  const report = under(job, 'allow_failure')
  checkKeys(node, ['exit_codes'], report)
  const codes = child(node, 'exit_codes')
  const exitCodes = codes === undefined ? [] : readIntegers(codes, 'exit_codes', report)
  return exitCodes === undefined ? undefined : { allowed: false, exitCodes }
}
