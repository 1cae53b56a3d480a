import type { YamlNode } from '../../yaml/node.ts'
import type { RetryConfig } from '../config.ts'
import { addProblem, configError, entryError, type Report } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys, didYouMean } from './keys.ts'
import { child, isMapping, isNumber, isString, strings } from './nodes.ts'
import { readCount, readIntegers, secondsOf } from './scalars.ts'

/** `timeout`, in seconds. */
export function readTimeout(node: YamlNode, report: Report): number | undefined {
  return secondsOf(node) ?? configError(report, node.span, texts.notADuration)
}

/** What `retry:when` may name: GitLab's failure reasons and `always`. */
export const RETRY_REASONS = [
  'always',
  'unknown_failure',
  'script_failure',
  'api_failure',
  'stuck_or_timeout_failure',
  'stuck_pending_with_matching_runners',
  'stuck_pending_no_matching_runners',
  'no_updates_running',
  'no_updates_canceling',
  'runner_system_failure',
  'runner_configuration_error',
  'runner_external_dependency_failure',
  'runner_interrupted',
  'runner_unsupported',
  'missing_dependency_failure',
  'stale_schedule',
  'job_execution_timeout',
  'server_timeout_running',
  'server_timeout_canceling',
  'archived_failure',
  'unmet_prerequisites',
  'scheduler_failure',
  'data_integrity_failure',
]

const UP_TO_TWO = { least: 0, most: 2 }

/** `retry`. GitLab shortens the location of its errors to the word `retry`. */
export function readRetry(node: YamlNode, { reading }: Report): RetryConfig | undefined {
  const report: Report = { reading, path: 'retry' }
  if (isNumber(node)) {
    const max = readCount(node, 'config', UP_TO_TWO, report)
    return max === undefined ? undefined : { max, when: ['always'], exitCodes: [] }
  }
  if (!isMapping(node)) return addProblem(reading, node.span, texts.notRetry)
  checkKeys(node, ['max', 'when', 'exit_codes'], report)
  const max = child(node, 'max')
  const when = child(node, 'when')
  const codes = child(node, 'exit_codes')
  const exitCodes = codes === undefined ? [] : (readIntegers(codes, 'exit_codes', report) ?? [])
  return {
    max: max === undefined ? 0 : (readCount(max, 'max', UP_TO_TWO, report) ?? 0),
    when: when === undefined ? defaultReasons(exitCodes) : (readReasons(when, report) ?? []),
    exitCodes,
  }
}

/** GitLab: with neither `when` nor `exit_codes` every failure counts. */
function defaultReasons(exitCodes: readonly number[]): readonly string[] {
  return exitCodes.length === 0 ? ['always'] : []
}

function readReasons(node: YamlNode, report: Report): readonly string[] | undefined {
  if (isString(node)) {
    if (RETRY_REASONS.includes(node.value)) return [node.value]
    return entryError(report, node.span, 'when', texts.notInTheList, didYouMean([node.value], RETRY_REASONS))
  }
  const words = strings(node)
  if (words === undefined) return entryError(report, node.span, 'when', texts.notStringsOrString)
  const unknown = words.filter((word) => !RETRY_REASONS.includes(word))
  if (unknown.length === 0) return words
  return entryError(
    report,
    node.span,
    'when',
    texts.unknownValues(unknown),
    didYouMean(unknown, RETRY_REASONS),
  )
}
